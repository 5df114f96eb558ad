import { send } from "./http";

type Query = Record<string, string | number | boolean | undefined | null>;

/** Calls by path, without checked types: for addresses that the OpenAPI document does not describe (files, streams). */
export async function call<T>(method: string, path: string, options: { query?: Query; body?: unknown; signal?: AbortSignal } = {}): Promise<T> {
  const url = new URL(`/api/v1/${path}`, location.origin);
  for (const [key, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(key, String(value));
  }
  const answer = await send(
    new Request(url, {
      method,
      signal: options.signal,
      headers: options.body === undefined ? {} : { "Content-Type": "application/json" },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
    }),
  );
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** How every list answers. */
export interface Page<T> {
  count: number;
  next: string | null;
  previous: string | null;
  results: T[];
}
