import { Anchor, Button, Group, Paper, Select, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { datasetsQuery, type Dataset } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { formatDuration, plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam, useQueryValue } from "@/ui/use-address";
import { estimateQuery, modelsQuery, startPrediction, type Model, type PredictOrder } from "./queries";

export function NewPredictionPage() {
  const projectId = useParam("projectId");
  const models = useQuery(modelsQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  // A list from before the last training would propose another model.
  const waits = models.isPending || datasets.isPending || (models.isFetching && !models.isFetchedAfterMount);
  return (
    <>
      <PageHeader title="New prediction" subtitle="A model proposes labels for images. They arrive as drafts, each on a line of its own." />
      <ErrorNotice error={models.error ?? datasets.error} />
      {waits && <Skeleton height={260} maw={560} />}
      {models.data?.length === 0 && (
        <EmptyState icon={<IconWand size={40} stroke={1.2} />} title="There is no model yet" action={<ButtonLink to={addresses.newTraining(projectId)}>Train the first</ButtonLink>}>
          A training makes one. Ten accepted images are enough to begin.
        </EmptyState>
      )}
      {!waits && models.data && models.data.length > 0 && datasets.data && (
        <Paper withBorder p="lg" maw={560}>
          <Form projectId={projectId} models={models.data} datasets={datasets.data} />
        </Paper>
      )}
    </>
  );
}

function useOrder(projectId: string, models: readonly Model[], datasets: readonly Dataset[]) {
  const [modelAsked] = useQueryValue("model");
  const [imagesAsked] = useQueryValue("images");
  const [datasetAsked] = useQueryValue("dataset");
  const [picked, setModel] = useState<string | null>(null);
  const [dataset, setDataset] = useState<string | null>(datasetAsked ?? null);
  const [images, setImages] = useState<readonly string[]>(imagesAsked?.split(",") ?? []);
  const [tasks, setTasks] = useState(true);
  // Without a wish: the newest of one's own, and a starter model only while there is none.
  const modelId = picked ?? modelAsked ?? (models.find((one) => !one.starter) ?? models[0])?.id;
  const model = models.find((one) => one.id === modelId);
  const what = images.length > 0 ? plural(images.length, "image") : datasets.find((one) => one.id === dataset)?.name;
  const chosen = images.length > 0 || dataset !== null;
  const order: PredictOrder | null =
    model && chosen
      ? { project: projectId, recipe: model.recipe, trained_model: model.id, dataset: images.length > 0 ? null : dataset, image_ids: [...images], make_tasks: tasks, name: `${model.name} v${model.version} on ${what}` }
      : null;
  return { order, model, setModel, dataset, setDataset, images, setImages, tasks, setTasks };
}

function Form({ projectId, models, datasets }: { projectId: string; models: readonly Model[]; datasets: readonly Dataset[] }) {
  const navigate = useNavigate();
  const { order, model, setModel, dataset, setDataset, images, setImages, tasks, setTasks } = useOrder(projectId, models, datasets);
  const estimate = useQuery(estimateQuery(order));
  const start = useMutation({ mutationFn: startPrediction, onSuccess: (job) => void navigate({ to: addresses.job(projectId, job.id) }) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (order) start.mutate(order);
      }}
    >
      <Stack gap="md">
        <Select label="Model" allowDeselect={false} data={models.map(({ id, name, version }) => ({ value: id, label: `${name} v${version}` }))} value={model?.id ?? null} onChange={setModel} />
        {images.length > 0 ? (
          <Text size="sm">
            {plural(images.length, "image")} chosen one by one.{" "}
            <Anchor component="button" type="button" size="sm" onClick={() => setImages([])}>
              Take a whole dataset instead
            </Anchor>
          </Text>
        ) : (
          <Select
            label="Images"
            description={
              <>
                A whole dataset; for some of its images, select them in the <TextLink to={addresses.datasets(projectId)} size="xs">dataset</TextLink>.
              </>
            }
            placeholder="Choose a dataset"
            data={datasets.map(({ id, name, image_count }) => ({ value: id, label: `${name} (${plural(image_count, "image")})` }))}
            value={dataset}
            onChange={setDataset}
          />
        )}
        <Switch label="Make a correction task for each image" description="The most uncertain come first in the queue. Who does them can be said on the tasks page." checked={tasks} onChange={(event) => setTasks(event.currentTarget.checked)} />
        <ErrorNotice error={start.error ?? estimate.error} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed" className="num" title={estimate.data?.basis}>
            {estimate.data && `${plural(estimate.data.frames, "frame")}, about ${formatDuration(estimate.data.minutes * 60)}`}
          </Text>
          <Button type="submit" leftSection={<IconWand size={16} />} disabled={!order} loading={start.isPending}>
            Predict
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
