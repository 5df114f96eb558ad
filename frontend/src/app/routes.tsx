import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { sessionQuery } from "@/api/session";
import { addresses } from "@/lib/addresses";
import { projectRoute, rootRoute, signedInRoute } from "./frame-routes";
import { workRoutes } from "./work-routes";

// Before the sign-in

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  // Asking who is signed in also brings the CSRF token that signing in needs.
  beforeLoad: async ({ context }) => {
    if (await context.queryClient.fetchQuery(sessionQuery)) throw redirect({ to: addresses.home() });
  },
  component: lazyRouteComponent(() => import("@/features/sign-in/sign-in-page"), "SignInPage"),
});

const invitation = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitations/$token",
  beforeLoad: ({ context }) => context.queryClient.prefetchQuery(sessionQuery),
  component: lazyRouteComponent(() => import("@/features/sign-in/invitation-page"), "InvitationPage"),
});

// Without an account: whoever has the link of a campaign.
const crowd = createRoute({
  getParentRoute: () => rootRoute,
  path: "/crowd/$token",
  component: lazyRouteComponent(() => import("@/features/crowd/crowd-page"), "CrowdPage"),
});

// Of the person and the teams

const home = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/projects/home-page"), "HomePage"),
});

const account = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("@/features/account/account-page"), "AccountPage"),
});

const teams = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/teams",
  component: lazyRouteComponent(() => import("@/features/team/teams-page"), "TeamsPage"),
});

const team = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/teams/$teamId",
  component: lazyRouteComponent(() => import("@/features/team/team-page"), "TeamPage"),
});

// Of one project

const overview = createRoute({
  getParentRoute: () => projectRoute,
  path: "/",
  component: lazyRouteComponent(() => import("@/features/overview/overview-page"), "OverviewPage"),
});

const datasets = createRoute({
  getParentRoute: () => projectRoute,
  path: "/datasets",
  component: lazyRouteComponent(() => import("@/features/datasets/datasets-page"), "DatasetsPage"),
});

const dataset = createRoute({
  getParentRoute: () => projectRoute,
  path: "/datasets/$datasetId",
  component: lazyRouteComponent(() => import("@/features/datasets/dataset-page"), "DatasetPage"),
});

const upload = createRoute({
  getParentRoute: () => projectRoute,
  path: "/datasets/$datasetId/upload",
  component: lazyRouteComponent(() => import("@/features/upload/upload-page"), "UploadPage"),
});

const exports = createRoute({
  getParentRoute: () => projectRoute,
  path: "/datasets/$datasetId/exports",
  component: lazyRouteComponent(() => import("@/features/exports/exports-page"), "ExportsPage"),
});

const classes = createRoute({
  getParentRoute: () => projectRoute,
  path: "/classes",
  component: lazyRouteComponent(() => import("@/features/projects/classes-page"), "ClassesPage"),
});

const settings = createRoute({
  getParentRoute: () => projectRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/features/projects/settings-page"), "SettingsPage"),
});

const projectRoutes = [overview, datasets, dataset, upload, exports, classes, settings, ...workRoutes] as const;

export const routeTree = rootRoute.addChildren([
  signIn,
  invitation,
  crowd,
  signedInRoute.addChildren([home, account, teams, team, projectRoute.addChildren([...projectRoutes])]),
]);
