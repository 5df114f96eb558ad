import { SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import { useRecipeTitles } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { TextLink } from "@/ui/link";
import type { Tone } from "@/ui/palette";
import { Panel } from "@/ui/panel";
import { ProgressLine } from "@/ui/progress-line";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import classes from "./recent-work.module.css";

type Job = Schema["JobOut"];
type Model = Schema["TrainedModelOut"];

const FEW = { limit: 4, offset: 0 };
const KIND: Record<Job["kind"], string> = { TRAIN: "Training", PREDICT: "Prediction", PREVIEW: "Preview", EVALUATE: "Evaluation", SEARCH: "Search of settings" };
const TONE: Record<string, Tone> = { QUEUED: "quiet", RUNNING: "busy", CANCELLING: "wait", SUCCEEDED: "good", FAILED: "bad", CANCELLED: "quiet" };

/** The newest jobs and models; nothing at all in a project that has none. */
export function RecentWork({ project }: { project: string }) {
  const jobs = useQuery({
    queryKey: ["jobs", "recent", project],
    queryFn: async () => (await data(api.GET("/api/v1/jobs/", { params: { query: { project, ...FEW } } }))).results,
  }).data;
  const models = useQuery({
    queryKey: ["trained-models", "recent", project],
    queryFn: async () => (await data(api.GET("/api/v1/trained-models/", { params: { query: { project, starter: false, ...FEW } } }))).results,
  }).data;
  if (!jobs?.length && !models?.length) return null;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {jobs && jobs.length > 0 && (
        <Panel title="Newest jobs">
          {jobs.map((job) => (
            <JobRow key={job.id} project={project} job={job} />
          ))}
        </Panel>
      )}
      {models && models.length > 0 && (
        <Panel title="Newest models">
          {models.map((model) => (
            <ModelRow key={model.id} project={project} model={model} />
          ))}
        </Panel>
      )}
    </SimpleGrid>
  );
}

function JobRow({ project, job }: { project: string; job: Job }) {
  const state = job.state ?? "QUEUED";
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <TextLink to={addresses.job(project, job.id)} size="sm" c="inherit" truncate>
          {job.name || KIND[job.kind]}
        </TextLink>
        <StateBadge tone={TONE[state]}>{state.toLowerCase()}</StateBadge>
      </div>
      {state === "RUNNING" ? (
        <ProgressLine label={`${KIND[job.kind]} ${job.name}`} fraction={job.fraction ?? null} secondsLeft={job.eta_s}>
          {job.message}
        </ProgressLine>
      ) : (
        <Text size="xs" c="dimmed" truncate>
          {KIND[job.kind]} · <TimeAgo at={job.created_at} /> {job.error && `· ${job.error}`}
        </Text>
      )}
    </div>
  );
}

function ModelRow({ project, model }: { project: string; model: Model }) {
  const titleOf = useRecipeTitles();
  return (
    <div className={classes.row}>
      <div className={classes.line}>
        <TextLink to={addresses.model(project, model.id)} size="sm" c="inherit" truncate>
          {model.name} · version {model.version}
        </TextLink>
        <Text size="sm" className="num">
          {headline(model.scores)}
        </Text>
      </div>
      <Text size="xs" c="dimmed" truncate>
        {titleOf(model.recipe)} · <TimeAgo at={model.created_at} />
      </Text>
    </div>
  );
}

/** The score that people compare first: AP at IoU 0.5 on the test split, as the engine wrote it. */
function headline(scores: unknown): string {
  const test = (scores as { test?: Record<string, unknown> } | null)?.test;
  return typeof test?.ap50 === "number" ? `AP50 ${test.ap50.toFixed(3)}` : "";
}
