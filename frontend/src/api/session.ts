import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { api, data } from "./client";
import { isApiError } from "./errors";
import type { Schema } from "./types";

export type Person = Schema["MeOut"];

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Person | null> => {
    try {
      return (await data(api.GET("/api/v1/session/"))).user;
    } catch (error) {
      if (isApiError(error, 401) || isApiError(error, 403)) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

/** The signed-in person; only below the signed-in routes, where there is one. */
export function useMe(): Person {
  const me = useSuspenseQuery(sessionQuery).data;
  if (!me) throw new Error("Nobody is signed in.");
  return me;
}
