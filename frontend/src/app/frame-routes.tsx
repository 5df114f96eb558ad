import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { projectQuery } from "@/api/projects";
import { sessionQuery } from "@/api/session";
import { addresses } from "@/lib/addresses";
import { Frame } from "./frame";

/** The frames that pages hang in: everything; what needs a signed-in person; what lies in one project. */
export const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });

export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.ensureQueryData(sessionQuery);
    if (!me) throw redirect({ href: addresses.signIn(location.href === "/" ? undefined : location.href) });
  },
});

export const projectRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/projects/$projectId",
  // One answer for every page of a project that is not there: none of them begins.
  loader: ({ context, params }) => context.queryClient.ensureQueryData(projectQuery(params.projectId)),
  component: Outlet,
});
