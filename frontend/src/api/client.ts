import createClient from "openapi-fetch";
import { send } from "./http";
import type { paths } from "./schema";

/** The whole client: every path, parameter and answer is checked against the server's OpenAPI document. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", fetch: send });

/** The answer itself; refusals were already thrown as `ApiError` by `send`. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
