import { Group, Progress, Text } from "@mantine/core";
import { IconPhotoPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { facesQuery, thumbnailOf, type Dataset } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ButtonLink, TextLink } from "@/ui/link";
import { Panel } from "@/ui/panel";
import { Thumbnail } from "@/ui/thumbnail";
import classes from "./datasets-panel.module.css";

const SHOWN = 6;
const FACES = 6;

export function DatasetsPanel({ project, datasets }: { project: string; datasets: readonly Dataset[] }) {
  if (datasets.length === 0) {
    return (
      <EmptyState icon={<IconPhotoPlus size={40} stroke={1.2} />} title="No datasets yet" action={<ButtonLink to={addresses.datasets(project)}>Make a dataset</ButtonLink>}>
        A dataset is a folder with a name: images that belong together, from one plate, one day, one microscope.
      </EmptyState>
    );
  }
  return (
    <Panel
      title="Datasets"
      actions={
        <TextLink to={addresses.datasets(project)} size="sm">
          {datasets.length > SHOWN ? `All ${formatCount(datasets.length)}` : "Open the list"}
        </TextLink>
      }
    >
      <div className={classes.rows}>
        {datasets.slice(0, SHOWN).map((dataset) => (
          <DatasetRow key={dataset.id} project={project} dataset={dataset} />
        ))}
      </div>
    </Panel>
  );
}

function DatasetRow({ project, dataset }: { project: string; dataset: Dataset }) {
  const faces = useQuery(facesQuery({ dataset: dataset.id }, FACES)).data ?? [];
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        <TextLink to={addresses.dataset(project, dataset.id)} c="inherit" fw={500} size="sm" truncate display="block" className={classes.cover} title={dataset.name}>
          {dataset.name}
        </TextLink>
        <Text size="xs" c="dimmed" className="num">
          {plural(dataset.image_count, "image")} · {formatCount(dataset.labelled_count)} labelled · {formatCount(dataset.accepted_count)} accepted
        </Text>
      </div>
      <LabelledBar dataset={dataset} />
      <Group gap={3} wrap="nowrap" className={classes.faces} aria-hidden>
        {faces.map((image) => (
          <Thumbnail key={image.id} src={thumbnailOf(image.id)} size={36} />
        ))}
      </Group>
    </div>
  );
}

/** Accepted in full colour, labelled but not accepted paler. */
function LabelledBar({ dataset }: { dataset: Dataset }) {
  const share = (count: number) => (dataset.image_count ? (100 * count) / dataset.image_count : 0);
  const accepted = Math.min(dataset.accepted_count, dataset.image_count);
  return (
    <Progress.Root size={6} className={classes.bar} aria-hidden>
      <Progress.Section value={share(accepted)} withAria={false} />
      <Progress.Section value={share(Math.max(0, dataset.labelled_count - accepted))} className={classes.paler} withAria={false} />
    </Progress.Root>
  );
}
