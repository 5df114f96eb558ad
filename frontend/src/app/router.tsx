import { createRouter } from "@tanstack/react-router";
import { ErrorPage, NotFoundPage, PageSkeleton } from "./whole-page";
import { queryClient } from "./query-client";
import { routeTree } from "./routes";

/** Values in the address are plain text: ?page=2&search=12 stays what was typed. */
const asText = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search));

function asSearch(values: Record<string, unknown>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString().replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

export const router = createRouter({
  routeTree,
  context: { queryClient },
  parseSearch: asText,
  stringifySearch: asSearch,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultPendingMs: 200,
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
});

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** The page fills the window below the header, without the side bar and margins: the editor. */
    fullBleed?: boolean;
  }
}
