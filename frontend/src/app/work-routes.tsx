/**
 * Routes of the working pages: annotate, tasks, review, training, models, predictions. Each hangs in `projectRoute`,
 * has an address listed in lib/addresses, and is loaded when it is visited.
 */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { fetchImageAhead } from "@/api/image-ahead";
import { queryClient } from "./query-client";
import { projectRoute } from "./frame-routes";

const annotate = createRoute({
  getParentRoute: () => projectRoute,
  path: "/annotate/$imageId",
  staticData: { fullBleed: true },
  // Not waited for: the answers and the page's code come side by side.
  loader: ({ params, location }) => {
    const branch = new URLSearchParams(location.searchStr).get("branch") ?? undefined;
    void fetchImageAhead(queryClient, params.imageId, branch);
  },
  component: lazyRouteComponent(() => import("@/features/annotate/annotate-page"), "AnnotatePage"),
});

const compare = createRoute({
  getParentRoute: () => projectRoute,
  path: "/compare/$imageId",
  staticData: { fullBleed: true },
  component: lazyRouteComponent(() => import("@/features/annotate/review/compare-page"), "ComparePage"),
});

const audit = createRoute({
  getParentRoute: () => projectRoute,
  path: "/audit",
  component: lazyRouteComponent(() => import("@/features/audit/audit-page"), "AuditPage"),
});

const releases = createRoute({
  getParentRoute: () => projectRoute,
  path: "/datasets/$datasetId/releases",
  component: lazyRouteComponent(() => import("@/features/releases/releases-page"), "ReleasesPage"),
});

const movie = createRoute({
  getParentRoute: () => projectRoute,
  path: "/images/$imageId",
  component: lazyRouteComponent(() => import("@/features/movie/movie-page"), "MoviePage"),
});

const tasks = createRoute({
  getParentRoute: () => projectRoute,
  path: "/tasks",
  component: lazyRouteComponent(() => import("@/features/tasks/tasks-page"), "TasksPage"),
});

const newTasks = createRoute({
  getParentRoute: () => projectRoute,
  path: "/tasks/new",
  component: lazyRouteComponent(() => import("@/features/tasks/new-tasks-page"), "NewTasksPage"),
});

const reviews = createRoute({
  getParentRoute: () => projectRoute,
  path: "/review",
  component: lazyRouteComponent(() => import("@/features/review/review-queue-page"), "ReviewQueuePage"),
});

const review = createRoute({
  getParentRoute: () => projectRoute,
  path: "/review/$taskId",
  staticData: { fullBleed: true },
  component: lazyRouteComponent(() => import("@/features/annotate/review/review-page"), "ReviewPage"),
});

const campaigns = createRoute({
  getParentRoute: () => projectRoute,
  path: "/crowd",
  component: lazyRouteComponent(() => import("@/features/campaigns/campaigns-page"), "CampaignsPage"),
});

const newCampaign = createRoute({
  getParentRoute: () => projectRoute,
  path: "/crowd/new",
  component: lazyRouteComponent(() => import("@/features/campaigns/new-campaign-page"), "NewCampaignPage"),
});

const campaign = createRoute({
  getParentRoute: () => projectRoute,
  path: "/crowd/$campaignId",
  component: lazyRouteComponent(() => import("@/features/campaigns/campaign-page"), "CampaignPage"),
});

const comments = createRoute({
  getParentRoute: () => projectRoute,
  path: "/comments",
  component: lazyRouteComponent(() => import("@/features/comments/comments-page"), "CommentsPage"),
});

const throughput = createRoute({
  getParentRoute: () => projectRoute,
  path: "/throughput",
  component: lazyRouteComponent(() => import("@/features/throughput/throughput-page"), "ThroughputPage"),
});

const agreement = createRoute({
  getParentRoute: () => projectRoute,
  path: "/agreement",
  component: lazyRouteComponent(() => import("@/features/agreement/agreement-page"), "AgreementPage"),
});

const training = createRoute({
  getParentRoute: () => projectRoute,
  path: "/training",
  component: lazyRouteComponent(() => import("@/features/training/training-page"), "TrainingPage"),
});

const newTraining = createRoute({
  getParentRoute: () => projectRoute,
  path: "/training/new",
  component: lazyRouteComponent(() => import("@/features/training/new-training-page"), "NewTrainingPage"),
});

const job = createRoute({
  getParentRoute: () => projectRoute,
  path: "/training/$jobId",
  component: lazyRouteComponent(() => import("@/features/training/job-page"), "JobPage"),
});

const models = createRoute({
  getParentRoute: () => projectRoute,
  path: "/models",
  component: lazyRouteComponent(() => import("@/features/models/models-page"), "ModelsPage"),
});

const model = createRoute({
  getParentRoute: () => projectRoute,
  path: "/models/$modelId",
  component: lazyRouteComponent(() => import("@/features/models/model-page"), "ModelPage"),
});

const predictions = createRoute({
  getParentRoute: () => projectRoute,
  path: "/predictions",
  component: lazyRouteComponent(() => import("@/features/predictions/predictions-page"), "PredictionsPage"),
});

const newPrediction = createRoute({
  getParentRoute: () => projectRoute,
  path: "/predictions/new",
  component: lazyRouteComponent(() => import("@/features/predictions/new-prediction-page"), "NewPredictionPage"),
});

const explore = createRoute({
  getParentRoute: () => projectRoute,
  path: "/explore",
  component: lazyRouteComponent(() => import("@/features/explore/explore-page"), "ExplorePage"),
});

const atlas = createRoute({
  getParentRoute: () => projectRoute,
  path: "/explore/$atlasId",
  component: lazyRouteComponent(() => import("@/features/explore/atlas-page"), "AtlasPage"),
});

export const workRoutes = [annotate, compare, audit, releases, movie, tasks, newTasks, reviews, review, comments, throughput, agreement, campaigns, newCampaign, campaign, training, newTraining, job, models, model, predictions, newPrediction, explore, atlas] as const;
