import { Anchor, Button, Group, Paper, Select, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { IconRoute, IconWand } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { datasetsQuery, type Dataset } from "@/api/datasets";
import { recipesQuery } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { formatDuration, plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam, useQueryValue } from "@/ui/use-address";
import { HumanLinks } from "./human-links";
import { LinkForm } from "./link-settings";
import { estimateQuery, modelsQuery, startPrediction, type Model } from "./queries";
import { CareChoice, ReadingChoice } from "./reading-choice";
import { NO_MODEL, usePredictionOrder } from "./use-prediction-order";

const WHY = "what-is-missing";

export function NewPredictionPage() {
  const projectId = useParam("projectId");
  const [asked] = useQueryValue("model");
  const models = useQuery(modelsQuery(projectId));
  const datasets = useQuery(datasetsQuery(projectId));
  // A list from before the last training would propose another model.
  const waits = models.isPending || datasets.isPending || (models.isFetching && !models.isFetchedAfterMount);
  return (
    <>
      {asked === NO_MODEL ? (
        <PageHeader title="Track cells" subtitle="A linker follows the outlined cells of a movie through divisions and gaps. The tracks arrive as a draft on a line of its own." />
      ) : (
        <PageHeader title="New prediction" subtitle="A model proposes labels for images. They arrive as drafts, each on a line of its own." />
      )}
      <ErrorNotice error={models.error ?? datasets.error} />
      {waits && <Skeleton height={260} maw={560} />}
      {models.data?.length === 0 && asked !== NO_MODEL && (
        <EmptyState icon={<IconWand size={40} stroke={1.2} />} title="There is no model yet" action={<ButtonLink to={addresses.newTraining(projectId)}>Train the first</ButtonLink>}>
          A training makes one. Ten accepted images are enough to begin.
        </EmptyState>
      )}
      {!waits && models.data && (models.data.length > 0 || asked === NO_MODEL) && datasets.data && (
        <Paper withBorder p="lg" maw={560}>
          <Form projectId={projectId} models={models.data} datasets={datasets.data} />
        </Paper>
      )}
    </>
  );
}

function Form({ projectId, models, datasets }: { projectId: string; models: readonly Model[]; datasets: readonly Dataset[] }) {
  const navigate = useNavigate();
  const form = usePredictionOrder(projectId, models, datasets);
  const estimate = useQuery(estimateQuery(form.order));
  // While another choice is reckoned, or was refused, the form keeps what can be chosen.
  const [told, setTold] = useState(estimate.data);
  if (estimate.data && estimate.data !== told) setTold(estimate.data);
  const movies = estimate.data?.movies ?? 0;
  const order = form.withLinks(movies);
  const recipes = useQuery(recipesQuery).data;
  const start = useMutation({ mutationFn: startPrediction, onSuccess: (job) => void navigate({ to: addresses.job(projectId, job.id) }) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (order) start.mutate(order);
      }}
    >
      <Stack gap="md">
        <ModelChoice models={models} value={form.modelId} onChange={form.setModel} />
        <ImagesChoice projectId={projectId} datasets={datasets} form={form} />
        {form.order && told && !form.linksOnly && <ReadingChoice estimate={told} value={form.reading} onChange={form.setReading} />}
        {form.offersFast && <CareChoice fast={form.fast} onChange={form.setFast} />}
        {form.offersLinks(movies) && (
          <Switch
            label="Link cells over time"
            description={`Each cell keeps its number through the movie, and divisions are found. ${plural(movies, "of the images is a movie", "of the images are movies")}.`}
            checked={form.linksWanted}
            onChange={(event) => form.setLinksWanted(event.currentTarget.checked)}
          />
        )}
        {recipes && (form.linksOnly || form.links(movies)) && <LinkForm recipes={recipes} trained={form.trainedLinkers} chosen={form.linker} values={form.link} onChange={form.setLink} />}
        {form.linksOnly && <HumanLinks images={form.images} branch={form.branch} />}
        <Switch label="Make a correction task for each image" description="The most uncertain come first in the queue. Who does them can be said on the tasks page." checked={form.tasks} onChange={(event) => form.setTasks(event.currentTarget.checked)} />
        <ErrorNotice error={start.error ?? estimate.error} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed" className="num" title={estimate.data?.basis} id={WHY} role="status">
            {form.missing ?? (estimate.data ? `${plural(estimate.data.frames, "frame")}, about ${formatDuration(estimate.data.minutes * 60)}` : estimate.isError ? "Something above has to be changed first." : "Looking at the images…")}
          </Text>
          <Button type="submit" aria-describedby={WHY} leftSection={form.linksOnly ? <IconRoute size={16} /> : <IconWand size={16} />} disabled={!order || estimate.isPending || estimate.isError} loading={start.isPending}>
            {form.linksOnly ? "Track cells" : "Predict"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function ModelChoice({ models, value, onChange }: { models: readonly Model[]; value: string; onChange: (value: string | null) => void }) {
  const named = models.map(({ id, name, version }) => ({ value: id, label: `${name} v${version}` }));
  const none = { value: NO_MODEL, label: "None: link the cells that are outlined already" };
  return <Select label="Model" description={value === NO_MODEL ? "For movies whose cells have outlines, be they drawn, imported or proposed." : undefined} allowDeselect={false} data={[...named, none]} value={value} onChange={onChange} />;
}

function ImagesChoice({ projectId, datasets, form }: { projectId: string; datasets: readonly Dataset[]; form: ReturnType<typeof usePredictionOrder> }) {
  if (form.images.length > 0)
    return (
      <Text size="sm">
        {plural(form.images.length, "image")} chosen one by one.{" "}
        <Anchor component="button" type="button" size="sm" onClick={() => form.setImages([])}>
          Take a whole dataset instead
        </Anchor>
      </Text>
    );
  return (
    <Select
      label="Images"
      description={
        <>
          A whole dataset; for some of its images, select them in the <TextLink to={addresses.datasets(projectId)} size="xs">dataset</TextLink>.
        </>
      }
      placeholder="Choose a dataset"
      allowDeselect={false}
      data={datasets.map(({ id, name, image_count }) => ({ value: id, label: `${name} (${plural(image_count, "image")})` }))}
      value={form.dataset}
      onChange={form.setDataset}
    />
  );
}
