import { Button, Group, Modal, Select, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { IconChartDots3, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { datasetsQuery } from "@/api/datasets";
import { useMay } from "@/api/projects";
import { useRecipeTitles } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { useParam, useQueryValue } from "@/ui/use-address";
import { atlasesQuery, lookingModelsQuery, makeAtlas, makingQuery, type Atlas } from "./queries";

/** Maps of cells of a project. */
export function ExplorePage() {
  const project = useParam("projectId");
  const [dataset] = useQueryValue("dataset");
  const [model] = useQueryValue("model");
  const navigate = useNavigate();
  const mayMake = useMay(project, "MANAGER");
  const [making, setMaking] = useState(Boolean(dataset ?? model));
  const atlases = useQuery(atlasesQuery(project, {}));
  const waiting = useQuery(makingQuery(project)).data ?? [];
  const columns = useMemo(() => columnsOf(), []);
  const button = mayMake && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      New map
    </Button>
  );
  return (
    <>
      <PageHeader title="Explore" subtitle="Maps on which cells that look alike lie together: find groups, outliers and likenesses, and label many cells at once." actions={button} />
      <ErrorNotice error={atlases.error} onRetry={() => void atlases.refetch()} />
      {waiting.map((job) => (
        <Text key={job.id} size="sm" mb="xs">
          <TextLink to={addresses.job(project, job.id)}>{job.name}</TextLink> {job.state === "FAILED" ? `failed: ${job.error}` : job.message}
        </Text>
      ))}
      {atlases.isPending && <Skeleton height={200} />}
      {atlases.data?.length === 0 && (
        <EmptyState icon={<IconChartDots3 size={40} stroke={1.2} />} title="No map yet" action={button}>
          A map is made of outlined cells. Their measurements are enough to begin; a trained model sees more.
        </EmptyState>
      )}
      {atlases.data && atlases.data.length > 0 && (
        <DataTable label="Maps of cells" rows={atlases.data} columns={columns} rowKey={(row) => row.id} rowLabel={(row) => row.name} onOpen={(row) => void navigate({ to: addresses.atlas(project, row.id) })} />
      )}
      {mayMake && (
        <Modal opened={making} onClose={() => setMaking(false)} title="New map of cells">
          <NewMap project={project} dataset={dataset ?? null} model={model ?? null} />
        </Modal>
      )}
    </>
  );
}

function NewMap({ project, dataset: asked, model: askedModel }: { project: string; dataset: string | null; model: string | null }) {
  const navigate = useNavigate();
  const datasets = useQuery(datasetsQuery(project)).data ?? [];
  const models = useQuery(lookingModelsQuery(project)).data ?? [];
  const titleOf = useRecipeTitles();
  const [dataset, setDataset] = useState(asked);
  const [model, setModel] = useState(askedModel ?? "");
  const [name, setName] = useState("");
  const start = useMutation({ mutationFn: makeAtlas, onSuccess: (job) => void navigate({ to: addresses.job(project, job.id) }) });
  const chosen = datasets.find((one) => one.id === dataset);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) start.mutate({ project, dataset: chosen.id, trained_model: model || null, name: name.trim() || `Cells of ${chosen.name}`.slice(0, 200) });
      }}
    >
      <Stack gap="md">
        <Select data-autofocus label="Cells of" placeholder="Choose a dataset" data={datasets.map(({ id, name: label, labelled_count }) => ({ value: id, label: `${label} (${plural(labelled_count, "labelled image")})` }))} value={dataset} onChange={setDataset} />
        <Select
          label="Compared by"
          description="A model that looks at single cells tells textures and shapes apart; train one with the recipe “Map of cells” or “Classes of cells”."
          allowDeselect={false}
          data={[{ value: "", label: "Measurements: size, shape, light" }, ...models.map(({ id, name: label, version, recipe }) => ({ value: id, label: `${label} v${version} (${titleOf(recipe)})` }))]}
          value={model}
          onChange={(value) => setModel(value ?? "")}
        />
        <TextInput label="Name" placeholder={chosen ? `Cells of ${chosen.name}` : ""} maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <ErrorNotice error={start.error} />
        <Group justify="flex-end">
          <Button type="submit" disabled={!chosen} loading={start.isPending}>
            Make the map
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function columnsOf(): Column<Atlas>[] {
  return [
    { key: "name", title: "Map", cell: (row) => <Truncated>{row.name}</Truncated> },
    { key: "made_of", title: "Compared by", cell: (row) => <Truncated>{row.made_of}</Truncated> },
    { key: "cells", title: "Cells", cell: (row) => <span className="num">{formatCount(row.point_count)}</span> },
    { key: "groups", title: "Groups", cell: (row) => <span className="num">{formatCount(row.group_count)}</span> },
    { key: "made", title: "Made", cell: (row) => <TimeAgo at={row.created_at} /> },
  ];
}
