import { ActionIcon, Menu, Skeleton, Stack, Text } from "@mantine/core";
import { IconChartDots3, IconDots, IconDownload, IconPackage, IconPencil, IconTrash, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetQuery, type Dataset } from "@/api/datasets";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam } from "@/ui/use-address";
import { ProposePart } from "@/starters/propose-part";
import { DeleteDataset, EditDataset } from "./dataset-dialogs";
import { ImageBrowser } from "./image-browser";
import { ImageDrawer } from "./image-drawer";

export function DatasetPage() {
  const [project, id] = [useParam("projectId"), useParam("datasetId")];
  const dataset = useQuery(datasetQuery(id));
  const mayManage = useMay(project, "MANAGER");
  if (dataset.error) throw dataset.error;
  if (!dataset.data) return <Skeleton height={320} />;
  const facts = dataset.data;
  return (
    <Stack gap={0}>
      <PageHeader
        above={
          <TextLink to={addresses.datasets(project)} size="xs">
            Datasets
          </TextLink>
        }
        title={facts.name}
        subtitle={
          <>
            <span className="num">
              {plural(facts.image_count, "image")} · {formatCount(facts.labelled_count)} labelled · {formatCount(facts.accepted_count)} accepted
            </span>
            {facts.description && (
              <Text size="xs" lineClamp={2} title={facts.description} maw="60rem">
                {facts.description}
              </Text>
            )}
          </>
        }
        actions={
          <>
            <ButtonLink to={addresses.explore(project, { dataset: id })} variant="default" leftSection={<IconChartDots3 size={16} aria-hidden />}>
              Explore cells
            </ButtonLink>
            <ButtonLink to={addresses.releases(project, id)} variant="default" leftSection={<IconPackage size={16} aria-hidden />}>
              Releases
            </ButtonLink>
            <ButtonLink to={addresses.exports(project, id)} variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
              Export
            </ButtonLink>
            {mayManage && (
              <ButtonLink to={addresses.upload(project, id)} leftSection={<IconUpload size={16} aria-hidden />}>
                Bring in images
              </ButtonLink>
            )}
            {mayManage && <DatasetMenu project={project} dataset={facts} />}
          </>
        }
      />
      {mayManage && <ProposePart project={project} dataset={facts} />}
      <ImageBrowser project={project} dataset={facts} mayManage={mayManage} />
      <ImageDrawer project={project} mayManage={mayManage} />
    </Stack>
  );
}

function DatasetMenu({ project, dataset }: { project: string; dataset: Dataset }) {
  const [dialog, setDialog] = useState<"edit" | "delete" | null>(null);
  const close = () => setDialog(null);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More about this dataset">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDialog("edit")}>
            Name and description
          </Menu.Item>
          <Menu.Item color="bad" leftSection={<IconTrash size={16} />} onClick={() => setDialog("delete")}>
            Delete dataset
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === "edit" && <EditDataset dataset={dataset} onClose={close} />}
      {dialog === "delete" && <DeleteDataset project={project} dataset={dataset} onClose={close} />}
    </>
  );
}
