import { Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPhotoPlus, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { datasetsQuery, type Dataset } from "@/api/datasets";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { useParam } from "@/ui/use-address";
import { NewDataset } from "./dataset-dialogs";

export function DatasetsPage() {
  const project = useParam("projectId");
  const datasets = useQuery(datasetsQuery(project));
  const mayMake = useMay(project, "MANAGER");
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure(false);
  const make = mayMake && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
      New dataset
    </Button>
  );
  return (
    <>
      <PageHeader title="Datasets" subtitle={datasets.data?.length ? summary(datasets.data) : undefined} actions={datasets.data?.length ? make : undefined} />
      <ErrorNotice error={datasets.error} onRetry={() => void datasets.refetch()} />
      {datasets.isPending && <Skeleton height={220} />}
      {datasets.data?.length === 0 && (
        <EmptyState icon={<IconPhotoPlus size={44} stroke={1.2} />} title="No datasets yet" action={make}>
          A dataset holds images that belong together: one plate, one day, one microscope. Models are trained on datasets, and exports are made of them.
        </EmptyState>
      )}
      {datasets.data && datasets.data.length > 0 && (
        <DataTable<Dataset>
          label="Datasets"
          columns={columnsOf(project)}
          rows={datasets.data}
          rowKey={(dataset) => dataset.id}
          rowLabel={(dataset) => dataset.name}
          onOpen={(dataset) => void navigate({ to: addresses.dataset(project, dataset.id) })}
          maxHeight="calc(100dvh - 200px)"
        />
      )}
      {opened && <NewDataset project={project} onClose={close} />}
    </>
  );
}

function summary(datasets: readonly Dataset[]): string {
  const images = datasets.reduce((sum, dataset) => sum + dataset.image_count, 0);
  return `${plural(datasets.length, "dataset")}, ${plural(images, "image")}`;
}

function columnsOf(project: string): Column<Dataset>[] {
  return [
    { key: "name", title: "Name", cell: (dataset) => <NameCell project={project} dataset={dataset} />, sortBy: (dataset) => dataset.name },
    { key: "images", title: "Images", width: "5.5rem", align: "right", cell: (dataset) => formatCount(dataset.image_count), sortBy: (dataset) => dataset.image_count },
    { key: "labelled", title: "Labelled", width: "6.5rem", align: "right", wideOnly: true, cell: (dataset) => formatCount(dataset.labelled_count), sortBy: (dataset) => dataset.labelled_count },
    { key: "accepted", title: "Accepted", width: "6rem", align: "right", cell: (dataset) => formatCount(dataset.accepted_count), sortBy: (dataset) => dataset.accepted_count },
    { key: "made", title: "Made", width: "9rem", wideOnly: true, cell: (dataset) => <TimeAgo at={dataset.created_at} />, sortBy: (dataset) => dataset.created_at },
  ];
}

function NameCell({ project, dataset }: { project: string; dataset: Dataset }) {
  return (
    <>
      <TextLink to={addresses.dataset(project, dataset.id)} c="inherit" fw={500} display="block" truncate title={dataset.name} tabIndex={-1}>
        {dataset.name}
      </TextLink>
      {dataset.description && (
        <Truncated size="xs" c="dimmed">
          {dataset.description}
        </Truncated>
      )}
    </>
  );
}
