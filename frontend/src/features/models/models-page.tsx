import { Group, Skeleton } from "@mantine/core";
import { IconBrain } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRecipeTitles } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { formatBytes, plural } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { useParam } from "@/ui/use-address";
import { promotionsQuery } from "./evaluation/queries";
import { StarterBadge } from "@/starters/starter-badge";
import { factsOf } from "@/starters/types";
import { modelsQuery } from "./queries";
import { ScoreBar } from "./score-bar";
import { headline } from "./score-words";
import type { TrainedModel } from "./types";

export function ModelsPage() {
  const projectId = useParam("projectId");
  const navigate = useNavigate();
  const query = useQuery(modelsQuery(projectId));
  const live = useQuery(promotionsQuery(projectId)).data;
  const titleOf = useRecipeTitles();
  const columns = columnsOf(new Set(live?.map((one) => one.trained_model)), titleOf);
  return (
    <>
      <PageHeader
        title="Models"
        subtitle="Every model with what it learned from, how it was made and how good it is on images it never saw."
        actions={<ButtonLink to={addresses.newTraining(projectId)}>New training</ButtonLink>}
      />
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={240} />}
      {query.data?.length === 0 && (
        <EmptyState icon={<IconBrain size={40} stroke={1.2} />} title="No models yet" action={<ButtonLink to={addresses.newTraining(projectId)}>Train the first</ButtonLink>}>
          A training that succeeds leaves its model here. Models predict labels for new images; people correct them; the corrections make the next model better.
        </EmptyState>
      )}
      {query.data && query.data.length > 0 && (
        <DataTable label="Models" columns={columns} rows={query.data} rowKey={(model) => model.id} rowLabel={(model) => `${model.name} version ${model.version}`} onOpen={(model) => void navigate({ to: addresses.model(projectId, model.id) })} />
      )}
    </>
  );
}

const columnsOf = (live: ReadonlySet<string>, titleOf: (recipe: string) => string): readonly Column<TrainedModel>[] => [
  { key: "name", title: "Model", sortBy: (model) => `${model.name} ${model.version}`, cell: (model) => <Name model={model} live={live.has(model.id)} /> },
  { key: "recipe", title: "Recipe", width: "11rem", sortBy: (model) => titleOf(model.recipe), cell: (model) => <Truncated>{titleOf(model.recipe)}</Truncated>, wideOnly: true },
  { key: "score", title: "Score", width: "14rem", sortBy: (model) => headline(model.scores)?.value ?? null, cell: (model) => <Headline model={model} /> },
  { key: "images", title: "Learned from", width: "10rem", align: "right", sortBy: imagesOf, cell: (model) => plural(imagesOf(model), "image"), wideOnly: true },
  { key: "size", title: "Size", width: "6rem", align: "right", sortBy: (model) => model.size_bytes, cell: (model) => formatBytes(model.size_bytes), wideOnly: true },
  { key: "created", title: "Made", width: "9rem", align: "right", sortBy: (model) => model.created_at, cell: (model) => <TimeAgo at={model.created_at} /> },
];

function imagesOf(model: TrainedModel): number {
  return factsOf(model)?.data.reduce((sum, one) => sum + one.images, 0) ?? model.snapshot?.counts.train?.images ?? 0;
}

function Name({ model, live }: { model: TrainedModel; live: boolean }) {
  const name = <Truncated>{`${model.name} v${model.version}`}</Truncated>;
  if (!live && !model.starter) return name;
  return (
    <Group gap={8} wrap="nowrap">
      {name}
      {live && <StateBadge tone="good">Live</StateBadge>}
      {model.starter && <StarterBadge />}
    </Group>
  );
}

function Headline({ model }: { model: TrainedModel }) {
  const score = headline(model.scores);
  return score ? <ScoreBar value={score.value} label={`${score.split} score`} note={score.split === "test" ? undefined : "validation"} /> : "–";
}
