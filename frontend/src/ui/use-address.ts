import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** One part of the path, as the route declares it; a missing one is a mistake in the routes. */
export function useParam(name: string): string {
  const value = useParams({ strict: false, select: (params: Record<string, string | undefined>) => params[name] });
  if (value === undefined) throw new Error(`The address has no ${name}.`);
  return value;
}

/** A value kept in the address bar's query; setting it replaces the entry in the history. */
export function useQueryValue(name: string): [string | undefined, (value: string | undefined) => void] {
  const value = useSearch({ strict: false, select: (search: Record<string, string | undefined>) => search[name] });
  const setMany = useSetQuery();
  return [value, useCallback((next) => setMany({ [name]: next }), [name, setMany])];
}

/** Sets several query values at once; undefined removes one. */
export function useSetQuery(): (values: Record<string, string | undefined>) => void {
  const navigate = useNavigate();
  return useCallback(
    (values) => {
      void navigate({ to: ".", replace: true, search: (previous: object) => ({ ...previous, ...values }) as never });
    },
    [navigate],
  );
}
