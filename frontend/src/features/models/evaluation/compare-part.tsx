import { Button, Group, Loader, Select, Skeleton, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { startersQuery, type Starter } from "@/starters/queries";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import type { TrainedModelDetail } from "../types";
import { DifferenceBar } from "./difference-bar";
import classes from "./evaluation.module.css";
import { comparisonQuery, evaluate, snapshotEvaluationsQuery, type ComparedImage, type Comparison, type EvaluationDetail } from "./queries";
import { imageAddress, placeAddress, saySigned, SCORES } from "./words";

const MOST_IMAGES = 12;

/** Another model of the project on the same images: what this one gains, and where the two disagree. */
export function ComparePart({ model, evaluation }: { model: TrainedModelDetail; evaluation: EvaluationDetail }) {
  const [other, setOther] = useState<string | null>(null);
  const others = useQuery({ ...snapshotEvaluationsQuery(evaluation.snapshot ?? ""), enabled: evaluation.snapshot !== null });
  const choices = (others.data ?? []).filter((one) => one.state === "DONE" && one.trained_model && one.trained_model !== model.id);
  return (
    <section aria-labelledby="compare">
      <Group justify="space-between" gap="xs" mb={8}>
        <h3 className={classes.heading} id="compare">
          Compare
        </h3>
        {choices.length > 0 && <Select size="xs" w={280} searchable clearable placeholder="With another model" aria-label="Compare with another model" value={other} onChange={setOther} data={choices.map((one) => ({ value: one.id, label: `${one.trained_model_name}, ${one.split || "all images"}` }))} />}
      </Group>
      {choices.length === 0 && (
        <Text size="sm" c="dimmed">
          {evaluation.snapshot ? "No other model was evaluated on these images yet. Evaluate one there, and the two can be set side by side." : "Evaluate on the test images of a snapshot to set two models side by side."}
        </Text>
      )}
      {evaluation.snapshot && <Baselines model={model} evaluation={evaluation} done={choices.map((one) => one.trained_model)} />}
      {other && <Compared project={evaluation.project} first={other} second={evaluation.id} />}
    </section>
  );
}

/** Starter models, which every project has, to be evaluated on the same images: what training has brought. */
function Baselines({ model, evaluation, done }: { model: TrainedModelDetail; evaluation: EvaluationDetail; done: readonly (string | null)[] }) {
  const queries = useQueryClient();
  const starters = useQuery(startersQuery(model.project)).data ?? [];
  const start = useMutation({
    mutationFn: (starter: Starter) => evaluate({ trained_model: starter.id, snapshot: evaluation.snapshot ?? undefined, split: "test", predict_missing: true }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["evaluations"] }),
  });
  const open = starters.filter((one) => one.recipe === model.recipe && one.id !== model.id && !done.includes(one.id));
  return (
    <>
      <Group gap="xs" mt={8}>
        {open.map((one) => (
          <Button key={one.id} size="xs" variant="default" loading={start.isPending && start.variables?.id === one.id} onClick={() => start.mutate(one)}>
            Baseline: {one.name}
          </Button>
        ))}
      </Group>
      {start.isSuccess && (
        <Text size="sm" c="dimmed" mt={8}>
          It is being evaluated on these images; it can be chosen here when that is done.
        </Text>
      )}
      <ErrorNotice error={start.error} />
    </>
  );
}

function Compared({ project, first, second }: { project: string; first: string; second: string }) {
  const query = useQuery(comparisonQuery(first, second));
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={160} />;
  if (query.data.state === "FAILED") return <ErrorNotice error={new Error(query.data.error)} title="The comparison failed" />;
  if (query.data.state !== "DONE") return <Loader size="xs" aria-label="Comparing" />;
  return (
    <>
      {query.data.notice && (
        <Text size="sm" mb={8}>
          {query.data.notice}
        </Text>
      )}
      <Scores comparison={query.data} />
      <Disagreements project={project} images={query.data.images} />
    </>
  );
}

function Scores({ comparison }: { comparison: Comparison }) {
  return Object.entries(comparison.scores).map(([split, table]) => (
    <Table key={split} verticalSpacing={4} aria-label={`Both models on the ${split} images`} className={classes.compared}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>On the {split} images</Table.Th>
          <Table.Th ta="right">other</Table.Th>
          <Table.Th ta="right">this</Table.Th>
          <Table.Th ta="right">difference</Table.Th>
          <Table.Th>with its 95 % interval</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {SCORES.map(({ name, label }) => {
          const one = table[name];
          return (
            one && (
              <Table.Tr key={name}>
                <Table.Td>{label}</Table.Td>
                <Table.Td ta="right" className="num">
                  {one.first.toFixed(3)}
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {one.second.toFixed(3)}
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {saySigned(one.value)}
                </Table.Td>
                <Table.Td>
                  <DifferenceBar difference={one} label={label} />
                </Table.Td>
              </Table.Tr>
            )
          );
        })}
      </Table.Tbody>
    </Table>
  ));
}

function Disagreements({ project, images }: { project: string; images: readonly ComparedImage[] }) {
  return (
    <>
      <h4 className={classes.small}>Where the two disagree most</h4>
      <Table verticalSpacing={4} aria-label="Images where the two disagree most" layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Image</Table.Th>
            <Table.Th ta="right" w={110}>
              {images.some((one) => one.first_branch) ? "Differing cells" : "Disagreement"}
            </Table.Th>
            <Table.Th ta="right" w={90}>
              Change of score
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {images.slice(0, MOST_IMAGES).map((one) => (
            <Table.Tr key={one.image}>
              <Table.Td>
                <TextLink {...addressOf(project, one)} size="sm" className={classes.name} title={one.name}>
                  {one.name}
                </TextLink>
              </Table.Td>
              <Table.Td ta="right" className="num">
                {one.first_branch ? `${one.differing} (${Math.round(one.disagreement * 100)} %)` : `${Math.round(one.disagreement * 100)} %`}
              </Table.Td>
              <Table.Td ta="right" className="num">
                {saySigned(one.difference)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

/** The place where they differ most, on the prediction that has the cell there. */
function addressOf(project: string, one: ComparedImage) {
  const second = { image: one.second_shown ?? one.image, branch: one.second_branch, revision: one.second_revision };
  if (!one.place) return imageAddress(project, { ...second, shown: second.image });
  const shown = one.place.in_second ? { ...second, cells: one.place.second_cells } : { image: one.first_shown ?? one.image, branch: one.first_branch, revision: one.first_revision, cells: one.place.first_cells };
  return placeAddress(project, { ...one.place, ...shown });
}
