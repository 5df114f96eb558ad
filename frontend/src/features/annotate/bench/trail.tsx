import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { addresses } from "@/lib/addresses";
import { IconLink, TextLink } from "@/ui/link";
import { Truncated } from "@/ui/truncated";
import { datasetQuery } from "@/api/datasets";
import { projectQuery } from "@/api/projects";
import { neighboursQuery } from "../queries";
import { useBench } from "./bench-context";
import classes from "./bench.module.css";

/** project > dataset > image, and where it stands among its neighbours. */
export function Trail() {
  const { project, image } = useBench();
  const projectName = useQuery(projectQuery(project)).data?.name;
  const datasetName = useQuery(datasetQuery(image.dataset)).data?.name;
  return (
    <nav className={classes.trail} aria-label="Where this image lies">
      <TextLink to={addresses.project(project)} size="sm" c="dimmed">
        {projectName ?? "Project"}
      </TextLink>
      <span aria-hidden>›</span>
      <TextLink to={addresses.dataset(project, image.dataset)} size="sm" c="dimmed">
        {datasetName ?? "Dataset"}
      </TextLink>
      <span aria-hidden>›</span>
      <Truncated>{image.name}</Truncated>
    </nav>
  );
}

export function Neighbours() {
  const { project, image } = useBench();
  const neighbours = useQuery(neighboursQuery(image.dataset)).data ?? [];
  const at = neighbours.findIndex((neighbour) => neighbour.id === image.id);
  if (at < 0 || neighbours.length < 2) return null;
  return (
    <span className={`num ${classes.onlyTablet}`} style={{ display: "inline-flex", alignItems: "center", whiteSpace: "nowrap" }}>
      <Neighbour label="Previous image" to={neighbours[at - 1]?.id} project={project} icon="back" />
      <span title={`Image ${at + 1} of ${neighbours.length} in this dataset`}>
        {at + 1} / {neighbours.length}
      </span>
      <Neighbour label="Next image" to={neighbours[at + 1]?.id} project={project} icon="forth" />
    </span>
  );
}

function Neighbour({ label, to, project, icon }: { label: string; to: string | undefined; project: string; icon: "back" | "forth" }) {
  const Icon = icon === "back" ? IconChevronLeft : IconChevronRight;
  const content = <Icon size={16} stroke={1.6} />;
  if (!to) {
    return (
      <ActionIcon variant="subtle" color="gray" size="sm" disabled aria-label={label}>
        {content}
      </ActionIcon>
    );
  }
  return (
    <Tooltip label={label}>
      <IconLink to={addresses.annotate(project, to)} variant="subtle" color="gray" size="sm" aria-label={label}>
        {content}
      </IconLink>
    </Tooltip>
  );
}
