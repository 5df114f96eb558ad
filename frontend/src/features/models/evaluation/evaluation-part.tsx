import { Button, Group, Loader, Select, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { isApiError } from "@/api/errors";
import { addresses } from "@/lib/addresses";
import { formatDateTime, plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { useQueryValue } from "@/ui/use-address";
import type { TrainedModelDetail } from "../types";
import { ComparePart } from "./compare-part";
import classes from "./evaluation.module.css";
import { ErrorMaps } from "./error-maps";
import { EvaluationScores } from "./evaluation-scores";
import { evaluate, evaluationQuery, evaluationsQuery, type Evaluation, type EvaluationDetail } from "./queries";
import { StripPlot } from "./strip-plot";
import { WorstCases } from "./worst-cases";

/** How good the model is on images it never saw, where it is worst, and how it stands beside another. */
export function EvaluationPart({ model }: { model: TrainedModelDetail }) {
  const query = useQuery(evaluationsQuery(model.id));
  const [chosen, setChosen] = useQueryValue("evaluation");
  const evaluations = query.data ?? [];
  // One that was asked of a single prediction is no evaluation of the model: only its address names it.
  const shown = chosen ?? evaluations[0]?.id;
  return (
    <section aria-labelledby="evaluation" className={classes.part}>
      <Group justify="space-between" align="flex-end" gap="sm" mb="sm">
        <h2 className={classes.title} id="evaluation">
          Evaluation
        </h2>
        <Group gap="xs">
          {evaluations.length > 1 && <Select size="xs" w={260} aria-label="Which evaluation" value={shown ?? null} onChange={(value) => setChosen(value ?? undefined)} allowDeselect={false} data={evaluations.map((one) => ({ value: one.id, label: nameOf(one) }))} />}
          <EvaluateButtons model={model} again={evaluations.length > 0} onMade={(made) => setChosen(made.id)} />
        </Group>
      </Group>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={200} />}
      {query.data?.length === 0 && !shown && (
        <Text size="sm" c="dimmed" maw="44rem">
          {ofChannels(model)
            ? "Not evaluated yet. An evaluation sets the channels that the model predicted against the same channels where they were recorded: correlation and structural similarity with their intervals, whether the told uncertainty can be believed, and the worst places one click from the editor."
            : "Not evaluated yet. An evaluation sets what the model predicted against labels that a reviewer accepted: every score with its interval, each class and image by itself, and the worst cases one click from the editor."}
        </Text>
      )}
      {shown && <Shown id={shown} model={model} />}
    </section>
  );
}

const nameOf = (one: Evaluation): string => `${one.snapshot_name ? `${one.split || "all images"} of ${one.snapshot_name}` : one.name.endsWith("recorded channels") ? "recorded channels" : "accepted labels"}, ${formatDateTime(one.created_at)}`;

const ofChannels = (model: TrainedModelDetail): boolean => model.recipe === "translate";

function EvaluateButtons({ model, again, onMade }: { model: TrainedModelDetail; again: boolean; onMade: (made: EvaluationDetail) => void }) {
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (order: { onTest: boolean; predict?: boolean }) =>
      evaluate({ trained_model: model.id, ...(order.onTest && model.snapshot && { snapshot: model.snapshot.id, split: "test" as const }), predict_missing: order.predict ?? false }),
    onSuccess: (made) => {
      onMade(made);
      void queries.invalidateQueries({ queryKey: ["evaluations"] });
      void queries.invalidateQueries({ queryKey: ["gate"] });
    },
  });
  const hasTest = (model.snapshot?.counts.test?.images ?? 0) > 0;
  const lacking = isApiError(make.error, "predictions_missing");
  return (
    <>
      {hasTest && (
        <Button size="xs" variant={again ? "default" : "filled"} loading={make.isPending && make.variables?.onTest} onClick={() => make.mutate({ onTest: true })}>
          Evaluate on the test images
        </Button>
      )}
      <Button size="xs" variant="default" loading={make.isPending && !make.variables?.onTest} onClick={() => make.mutate({ onTest: false })}>
        {ofChannels(model) ? "Against all recorded channels" : "Against all accepted labels"}
      </Button>
      {make.error && (
        <div className={classes.wide}>
          <ErrorNotice error={make.error} />
          {lacking && (
            <Button size="xs" mt="xs" onClick={() => make.mutate({ onTest: true, predict: true })}>
              Predict them, then evaluate
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function Shown({ id, model }: { id: string; model: TrainedModelDetail }) {
  const query = useQuery(evaluationQuery(id));
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={200} />;
  const evaluation = query.data;
  if (evaluation.state === "FAILED") return <ErrorNotice error={new Error(evaluation.error)} title="This evaluation failed" />;
  if (evaluation.state !== "DONE") return <UnderWay evaluation={evaluation} />;
  return (
    <div className={classes.body}>
      <EvaluationScores evaluation={evaluation} />
      <StripPlot project={evaluation.project} items={evaluation.items} score={evaluation.main_score} />
      <ErrorMaps evaluation={evaluation} key={`map ${evaluation.id}`} />
      <WorstCases evaluation={evaluation} explains={model.recipe === "classify"} key={evaluation.id} />
      <ComparePart model={model} evaluation={evaluation} />
    </div>
  );
}

function UnderWay({ evaluation }: { evaluation: EvaluationDetail }) {
  return (
    <Group gap="xs" role="status">
      <Loader size="xs" />
      <Text size="sm">
        {evaluation.state === "WAITING" ? "Waiting until the images are predicted. " : `Scoring ${plural(evaluation.items.length, "image")}, ${Math.round(evaluation.fraction * 100)} % done. `}
        {evaluation.waits_for && evaluation.state === "WAITING" && (
          <TextLink to={addresses.job(evaluation.project, evaluation.waits_for)} size="sm">
            Look at the job
          </TextLink>
        )}
      </Text>
    </Group>
  );
}
