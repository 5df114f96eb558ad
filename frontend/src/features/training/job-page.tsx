import { Alert, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { addresses } from "@/lib/addresses";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { ProgressLine } from "@/ui/progress-line";
import { StateBadge } from "@/ui/state-badge";
import { useParam } from "@/ui/use-address";
import { CurveChart } from "./job/curve-chart";
import { bestOf, chartsOf } from "./job/curves";
import { ExamplePictures } from "./job/example-pictures";
import { JobActions } from "./job/job-actions";
import { JobFacts } from "./job/job-facts";
import { MapMade } from "./job/map-made";
import classes from "./job/job.module.css";
import { isOver, KIND_WORDS, STATE_WORDS } from "./job/job-words";
import { makesTracks, TracksMade } from "./job/tracks-made";
import { useJobPoints } from "./job/use-job-points";
import { jobQuery } from "./queries";
import { SearchPage } from "./search/search-page";
import type { Job } from "./types";

const ASK_AGAIN_MS = 4_000;

export function JobPage() {
  const id = useParam("jobId");
  const query = useQuery({ ...jobQuery(id), refetchInterval: ({ state }) => (state.data && isOver(state.data.state) ? false : ASK_AGAIN_MS) });
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={320} />;
  if (query.data.kind === "SEARCH") return <SearchPage id={query.data.id} />;
  return <JobView job={query.data} />;
}

function JobView({ job }: { job: Job }) {
  const { tone, word } = STATE_WORDS[job.state];
  return (
    <>
      <PageHeader
        title={job.name || KIND_WORDS[job.kind]}
        above={
          <TextLink to={addresses.training(job.project)} size="xs" c="dimmed">
            Training
          </TextLink>
        }
        subtitle={
          <Group gap="sm">
            <StateBadge tone={tone}>{word}</StateBadge>
            {KIND_WORDS[job.kind]}
          </Group>
        }
        actions={<JobActions job={job} />}
      />
      <Standing job={job} />
      {job.kind === "PREDICT" ? <PredictionBody job={job} /> : <LearningBody job={job} />}
    </>
  );
}

function LearningBody({ job }: { job: Job }) {
  return (
    <div className={classes.columns}>
      {job.kind === "PREVIEW" ? <ExamplePictures job={job.id} over={isOver(job.state)} /> : <Curves job={job} />}
      <div>
        {job.kind !== "PREVIEW" && <ExamplePictures job={job.id} over={isOver(job.state)} />}
        <div style={{ height: 24 }} />
        <JobFacts job={job} />
      </div>
    </div>
  );
}

function PredictionBody({ job }: { job: Job }) {
  if (job.recipe === "embed")
    return (
      <Stack mt="lg" gap="lg" maw={640}>
        <MapMade job={job} />
        <JobFacts job={job} />
      </Stack>
    );
  if (makesTracks(job))
    return (
      <Stack mt="lg" gap="lg" maw={640}>
        <TracksMade job={job} />
        <JobFacts job={job} />
      </Stack>
    );
  return (
    <Stack mt="lg" gap="lg" maw={640}>
      <Text size="sm">
        {job.state === "SUCCEEDED" ? `${job.message} Every image has its proposal, ` : "Each image gets a proposal as soon as it is read, "}
        as a draft on a line of its own.{" "}
        <TextLink to={addresses.predictions(job.project)} search={{ job: job.id }} size="sm">
          See the proposals
        </TextLink>
      </Text>
      <JobFacts job={job} />
    </Stack>
  );
}

/** Where it stands, in a sentence and a bar; what went wrong, in a sentence. */
function Standing({ job }: { job: Job }) {
  return (
    <>
      {!isOver(job.state) && (
        <ProgressLine label={job.message || "Waiting for a worker"} fraction={job.state === "QUEUED" ? null : job.fraction} secondsLeft={job.eta_s}>
          {job.state === "QUEUED" ? "Waiting for a worker to take it up" : job.message}
        </ProgressLine>
      )}
      {job.attempt > 1 && (
        <Text size="sm" c="dimmed" mt={6}>
          Its worker stopped and another took it up again from the last checkpoint ({job.attempt - 1} {job.attempt === 2 ? "time" : "times"}). Nothing was lost.
        </Text>
      )}
      {job.state === "FAILED" && (
        <Alert role="alert" color="bad" variant="light" title="This job failed">
          {job.error}
        </Alert>
      )}
    </>
  );
}

function Curves({ job }: { job: Job }) {
  const points = useJobPoints(job.id, isOver(job.state)).data?.points ?? [];
  const charts = chartsOf(points);
  const best = bestOf(points, "val_ap50");
  if (charts.length === 0) return <Text size="sm" c="dimmed">{isOver(job.state) ? "Nothing was measured." : "Curves appear here with the first step."}</Text>;
  return (
    <section aria-label="Curves">
      {charts.map((chart) => (
        <CurveChart key={chart.title} chart={chart} />
      ))}
      {best && (
        <Text size="sm" c="dimmed" className="num">
          Best AP at IoU 0.5 while it learns: {best.value.toFixed(3)} at step {best.step}, on a sample of the validation images. The scores of the model come at the end, from all of them.
        </Text>
      )}
    </section>
  );
}
