import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { projectRoute, rootRoute, signedInRoute } from "./frame-routes";
import { workRoutes } from "./work-routes";

const home = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/projects/home-page"), "HomePage"),
});

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("@/features/sign-in/sign-in-page"), "SignInPage"),
});

export const routeTree = rootRoute.addChildren([signIn, signedInRoute.addChildren([home, projectRoute.addChildren([...workRoutes])])]);
