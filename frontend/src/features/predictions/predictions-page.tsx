import { Group, Select, Skeleton, Text } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useMay } from "@/api/projects";
import { recipesQuery, tellSetting } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { AskCrowdLink } from "@/ui/ask-crowd-link";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { useParam, useQueryValue } from "@/ui/use-address";
import { EvaluateButton } from "./evaluate-button";
import { modelsQuery, predictionsQuery, type Model, type Prediction } from "./queries";

export function PredictionsPage() {
  const projectId = useParam("projectId");
  const navigate = useNavigate();
  const [model, setModel] = useQueryValue("model");
  const [job] = useQueryValue("job");
  const models = useQuery(modelsQuery(projectId)).data;
  const query = useInfiniteQuery(predictionsQuery({ trained_model: model, job, project: projectId }));
  const manages = useMay(projectId, "MANAGER");
  const columns = useMemo(() => columnsOf(projectId, models ?? [], manages), [projectId, models, manages]);
  const predictions = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  const start = (
    <Group gap="xs">
      {manages && <AskCrowdLink project={projectId} kind="CELL" drafts={predictions.filter(mayBeAsked)} />}
      {models && models.length > 0 && (
        <ButtonLink to={addresses.newPrediction(projectId, { model })} leftSection={<IconWand size={16} />}>
          New prediction
        </ButtonLink>
      )}
    </Group>
  );
  return (
    <>
      <PageHeader title="Predictions" subtitle="What models proposed, image by image. Those with the most cells expected to be wrong come first." actions={start} />
      {models && models.length > 1 && (
        <Group mb="sm">
          <Select size="xs" w={220} aria-label="Model" placeholder="Every model" clearable data={models.map(({ id, name, version }) => ({ value: id, label: `${name} v${version}` }))} value={model ?? null} onChange={(value) => setModel(value ?? undefined)} />
        </Group>
      )}
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={240} />}
      {query.data && predictions.length === 0 && <NoPredictions projectId={projectId} hasModels={(models?.length ?? 0) > 0} />}
      {predictions.length > 0 && (
        <DataTable
          label="Predictions"
          columns={columns}
          rows={predictions}
          rowKey={(prediction) => prediction.id}
          rowLabel={(prediction) => prediction.image_name}
          onOpen={(prediction) => void navigate({ to: addressOf(projectId, prediction) })}
          onEnd={() => query.hasNextPage && !query.isFetchingNextPage && void query.fetchNextPage()}
        />
      )}
    </>
  );
}

/** Are there cells of which the model told how sure it was, and that nobody has accepted yet? */
const mayBeAsked = ({ trained_model, mean_quality, object_count, correction }: Prediction): boolean => trained_model !== null && mean_quality !== null && object_count > 0 && !correction;

/** The task's own page where there is a task, else the labels as the model left them. */
function addressOf(project: string, prediction: Prediction): string {
  return addresses.annotate(project, prediction.image, prediction.task ? { task: prediction.task } : { branch: prediction.branch });
}

function NoPredictions({ projectId, hasModels }: { projectId: string; hasModels: boolean }) {
  return (
    <EmptyState
      icon={<IconWand size={40} stroke={1.2} />}
      title="Nothing has been predicted yet"
      action={<ButtonLink to={hasModels ? addresses.newPrediction(projectId) : addresses.newTraining(projectId)}>{hasModels ? "New prediction" : "Train a model first"}</ButtonLink>}
    >
      A model proposes labels as a draft on a line of its own: nobody's work is overwritten. Correcting the draft is a task like any other, and what it took is counted on the model.
    </EmptyState>
  );
}

function columnsOf(project: string, models: readonly Model[], manages: boolean): Column<Prediction>[] {
  const names = new Map(models.map((model) => [model.id, `${model.name} v${model.version}`]));
  return [
    { key: "image", title: "Image", sortBy: (row) => row.image_name, cell: (row) => <Truncated>{row.image_name}</Truncated> },
    { key: "model", title: "Model", width: "10rem", sortBy: (row) => names.get(row.trained_model ?? "") ?? "", cell: (row) => <Maker project={project} prediction={row} name={names.get(row.trained_model ?? "")} />, wideOnly: true },
    { key: "cells", title: "Cells", width: "4.5rem", align: "right", sortBy: (row) => row.object_count, cell: (row) => row.object_count, wideOnly: true },
    { key: "wrong", title: "Expected wrong", width: "8rem", align: "right", sortBy: (row) => row.expected_wrong, cell: (row) => row.expected_wrong.toFixed(1), wideOnly: true },
    { key: "quality", title: "Quality", width: "5.5rem", align: "right", sortBy: (row) => row.mean_quality, cell: (row) => row.mean_quality?.toFixed(2) ?? "–", wideOnly: true },
    { key: "state", title: "Correction", width: "10.5rem", sortBy: (row) => row.task_state ?? "", cell: (row) => <Standing prediction={row} /> },
    { key: "evaluate", title: "Score", width: "6rem", cell: (row) => <Score project={project} prediction={row} />, wideOnly: true },
    ...(manages ? [{ key: "crowd", title: "Crowd", width: "7.5rem", cell: (row: Prediction) => <AskAbout project={project} prediction={row} />, wideOnly: true }] : []),
    { key: "created", title: "When", width: "7rem", align: "right", sortBy: (row) => row.created_at, cell: (row) => <TimeAgo at={row.created_at} />, wideOnly: true },
  ];
}

/** About the cells of a model, or the links of a linker. */
function AskAbout({ project, prediction }: { project: string; prediction: Prediction }) {
  const { branch, dataset, image_name, tracking, trained_model } = prediction;
  if (mayBeAsked(prediction)) return <AskCrowdLink project={project} size="compact-xs" kind="CELL" drafts={[{ branch, dataset }]} of={`the cells of ${image_name}`} />;
  return tracking && !trained_model ? <AskCrowdLink project={project} size="compact-xs" kind="SAME" drafts={[{ branch, dataset }]} of={`the links of ${image_name}`} /> : null;
}

/** A trained model's is scored on its own page; tracks without a model on the page of the movie. */
function Score({ project, prediction }: { project: string; prediction: Prediction }) {
  const { trained_model: model, image, branch } = prediction;
  if (model) return <EvaluateButton project={project} prediction={prediction} model={model} />;
  return (
    <TextLink to={addresses.movie(project, image, { branch })} size="sm">
      Scores
    </TextLink>
  );
}

/** The model that outlined the cells, the linker that followed them, or both. */
function Maker({ project, prediction, name }: { project: string; prediction: Prediction; name: string | undefined }) {
  const { trained_model, tracking } = prediction;
  const read = tellReading(prediction);
  const linkers = useQuery(recipesQuery).data?.find((one) => one.name === "link");
  return (
    <>
      {trained_model && (
        <TextLink to={addresses.model(project, trained_model)} size="sm">
          {name ?? "model"}
        </TextLink>
      )}
      {read && (
        <Text component="div" size="xs" c="dimmed" truncate title={read}>
          {read}
        </Text>
      )}
      {tracking && (
        <Text component="div" size={trained_model ? "xs" : "sm"} c="dimmed" className="num">
          {trained_model ? "linked" : "Linked"} by “{tracking.model_name ?? tellSetting(linkers, "linker", tracking.linker).said}”, {plural(tracking.link_count, "link")}
          {(tracking.kept_links ?? 0) > 0 && `, ${tracking.kept_links} of them people’s`}
        </Text>
      )}
    </>
  );
}

/** How the model read the image, where not as it stands. */
function tellReading({ reading: { channels, zoom } }: Prediction): string {
  const read = channels ? `reads ${channels.map((name) => `“${name}”`).join(", ")}` : "";
  const size = zoom && zoom !== 1 ? `${zoom > 1 ? "enlarged" : "reduced"} ${Number((zoom > 1 ? zoom : 1 / zoom).toFixed(1))} times` : "";
  return [read, size].filter(Boolean).join(", ");
}

function Standing({ prediction: { correction, task_state } }: { prediction: Prediction }) {
  if (correction) {
    const { untouched_count, changed_count, added_count, removed_count } = correction;
    return (
      <>
        <StateBadge tone="good">Accepted</StateBadge>
        <Text size="xs" c="dimmed">
          {untouched_count} kept, {changed_count} changed, {added_count} added, {removed_count} removed
        </Text>
      </>
    );
  }
  if (task_state === null) return <StateBadge tone="quiet">No task</StateBadge>;
  const tones = { OPEN: "quiet", ASSIGNED: "busy", SUBMITTED: "wait", RETURNED: "bad", ACCEPTED: "good", CANCELLED: "quiet" } as const;
  const words = { OPEN: "To be corrected", ASSIGNED: "Being corrected", SUBMITTED: "In review", RETURNED: "Returned", ACCEPTED: "Accepted", CANCELLED: "Cancelled" } as const;
  const state = task_state in tones ? (task_state as keyof typeof tones) : "OPEN";
  return <StateBadge tone={tones[state]}>{words[state]}</StateBadge>;
}
