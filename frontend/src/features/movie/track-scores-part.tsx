import { Button, Loader, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/projects";
import { formatCount, formatDateTime, plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { ErrorsPlot } from "./errors-plot";
import { ErrorsTable } from "./errors-table";
import classes from "./movie.module.css";
import { branchEvaluationsQuery, evaluateBranch, faultsQuery, type Branch, type Evaluation, type FaultKind, type Interval } from "./queries";
import { isOfTracks, SCORES } from "./words";

/** How far the tracks agree with the accepted labels, when and where not, each error one click from its frame. */
export function TrackScoresPart({ project, frames, branch }: { project: string; frames: number; branch: Branch }) {
  const manages = useMay(project, "MANAGER");
  const queries = useQueryClient();
  const query = useQuery(branchEvaluationsQuery(branch.id));
  const score = useMutation({
    mutationFn: () => evaluateBranch(branch.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["evaluations", { branch: branch.id }] }),
  });
  const newest = query.data?.[0];
  return (
    <Panel
      title="Tracks against the accepted labels"
      lead={newest && `Scored ${formatDateTime(newest.created_at)}.`}
      actions={
        manages && (
          <Button size="xs" variant={newest ? "default" : "filled"} loading={score.isPending} onClick={() => score.mutate()}>
            {newest ? "Score again" : "Score against the accepted revision"}
          </Button>
        )
      }
    >
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      <ErrorNotice error={score.error} />
      {query.isPending && <Skeleton height={120} />}
      {query.data && !newest && (
        <Text size="sm" c="dimmed" maw="44rem">
          Not scored yet. Scoring sets “{branch.name}” against the newest accepted revision of this image: DET, SEG, TRA and LNK of the Cell Tracking Challenge, divisions, complete tracks, and every error with its frame and cells.
        </Text>
      )}
      {newest && <Scored key={newest.id} project={project} frames={frames} evaluation={newest} />}
    </Panel>
  );
}

function Scored({ project, frames, evaluation }: { project: string; frames: number; evaluation: Evaluation }) {
  if (evaluation.state === "FAILED") return <ErrorNotice error={new Error(evaluation.error)} title="The scoring failed" />;
  if (evaluation.state !== "DONE") return <Loader size="xs" aria-label="Scoring" />;
  const scores = Object.values(evaluation.scores)[0] ?? {};
  return (
    <>
      <Counts scores={scores} tallies={evaluation.tallies} />
      <Bars scores={scores} />
      {scores.tra && (
        <Text size="xs" c="dimmed">
          Fusions are not scored: a cell that merges into another counts as one that ends there.
        </Text>
      )}
      <Errors project={project} frames={frames} evaluation={evaluation} />
    </>
  );
}

function Counts({ scores, tallies }: { scores: Record<string, Interval>; tallies: Record<string, number> }) {
  const count = (kind: FaultKind) => tallies[kind] ?? 0;
  const links = count("MISSING_LINK") + count("WRONG_LINK") + count("CHANGED_LINK");
  const divisions = count("MISSED_DIVISION") + count("INVENTED_DIVISION");
  return (
    <Text size="sm" mb={8} className="num">
      {plural(Math.round(scores.true_cells?.value ?? 0), "accepted detection")}: {formatCount(count("MISSED"))} missed, {formatCount(count("INVENTED"))} invented; {plural(links, "wrong link")}; {plural(divisions, "wrong division")}.
    </Text>
  );
}

function Bars({ scores }: { scores: Record<string, Interval> }) {
  if (!scores.tra) {
    return (
      <Text size="sm" c="dimmed">
        This image is no movie, or was scored before tracks were; score it again for its links and divisions.
      </Text>
    );
  }
  return (
    <dl className={classes.scores}>
      {SCORES.map(({ name, label, hint }) => {
        const value = scores[name]?.value;
        return (
          value !== undefined && (
            <div key={name} title={hint}>
              <dt>{label}</dt>
              <dd className="num">
                <span className={classes.track} aria-hidden>
                  <span style={{ width: `${100 * Math.min(1, Math.max(0, value))}%` }} />
                </span>
                {value.toFixed(3)}
              </dd>
            </div>
          )
        );
      })}
    </dl>
  );
}

function Errors({ project, frames, evaluation }: { project: string; frames: number; evaluation: Evaluation }) {
  const query = useQuery(faultsQuery(evaluation.id));
  const [kind, setKind] = useState<FaultKind | null>(null);
  const [frame, setFrame] = useState<number | null>(null);
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={200} mt="md" />;
  const faults = query.data.filter(isOfTracks);
  if (faults.length === 0) {
    return (
      <Text size="sm" c="dimmed" mt="md">
        Nothing is wrong with the tracks.
      </Text>
    );
  }
  const shown = faults.filter((one) => (kind === null || one.kind === kind) && (frame === null || one.t === frame));
  return (
    <>
      <ErrorsPlot faults={faults} frames={frames} kind={kind} onKind={setKind} frame={frame} onFrame={setFrame} />
      <ErrorsTable project={project} faults={shown} />
    </>
  );
}
