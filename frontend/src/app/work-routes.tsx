/**
 * Routes of the working pages: annotate, tasks, review, training, models, predictions. Each hangs in `projectRoute`
 * (from ./frame-routes), has an address listed in lib/addresses, and is loaded when it is visited:
 *
 *   createRoute({
 *     getParentRoute: () => projectRoute,
 *     path: "/tasks",
 *     component: lazyRouteComponent(() => import("@/features/tasks/tasks-page"), "TasksPage"),
 *   })
 *
 * The editor's page sets `staticData: { fullBleed: true }`.
 */
export const workRoutes = [] as const;
