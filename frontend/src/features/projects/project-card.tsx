import { Group, Paper, Skeleton, Text, Title } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { IconArrowRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { facesAndCountQuery, thumbnailOf } from "@/api/datasets";
import { useWaitingWork } from "@/api/loop";
import type { Project } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { mayAtLeast, type Role } from "@/lib/roles";
import { TextLink } from "@/ui/link";
import { Thumbnail } from "@/ui/thumbnail";
import classes from "./project-card.module.css";

const FACES = 4;

/** What a project is about and what waits in it; asks when it comes into view, and no more than three questions. */
export function ProjectCard({ project }: { project: Project }) {
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const images = useQuery({ ...facesAndCountQuery(project.id, FACES), enabled: inViewport }).data;
  const waiting = useWaitingWork(project.id, inViewport);
  const figures = images && waiting && { images: images.all, ...waiting };
  return (
    <Paper component="article" ref={ref} className={classes.card} radius="md" aria-label={project.name}>
      <div className={classes.faces} aria-hidden>
        {Array.from({ length: FACES }, (_, index) => (
          <Thumbnail key={index} src={images?.faces[index] ? thumbnailOf(images.faces[index].id) : null} />
        ))}
      </div>
      <div className={classes.words}>
        <Title order={2} size="h5" lineClamp={1} title={project.name}>
          <TextLink to={addresses.project(project.id)} className={classes.cover} inherit c="inherit" underline="never">
            {project.name}
          </TextLink>
        </Title>
        <Text size="xs" c="dimmed" truncate>
          {project.team_name}
          {project.description && ` · ${project.description}`}
        </Text>
        {figures ? <FiguresLine {...figures} /> : <Skeleton height={18} mt="sm" width="80%" />}
        <Group gap={6} mt="auto" pt="sm" wrap="nowrap" className={classes.next}>
          <IconArrowRight size={15} aria-hidden />
          <Text size="sm" truncate>
            {figures ? whatWaits(figures, project.role) : "…"}
          </Text>
        </Group>
      </div>
    </Paper>
  );
}

interface Figures {
  images: number;
  toDo: number;
  toReview: number;
}

function FiguresLine({ images, toDo, toReview }: Figures) {
  const figures: [number, string][] = [
    [images, images === 1 ? "image" : "images"],
    [toDo, "to label or correct"],
    [toReview, "to review"],
  ];
  return (
    <Group gap="md" mt="xs" className="num">
      {figures.map(([value, word]) => (
        <Text key={word} size="xs" c="dimmed">
          <Text span fw={600} size="sm" c={value ? "var(--mantine-color-text)" : "dimmed"}>
            {formatCount(value)}
          </Text>{" "}
          {word}
        </Text>
      ))}
    </Group>
  );
}

/** What this person can do there next, as far as the card knows; the project's own page knows all of it. */
function whatWaits({ images, toDo, toReview }: Figures, role: Role): string {
  if (images === 0) return mayAtLeast(role, "MANAGER") ? "Bring in images" : "No images yet";
  if (toReview > 0 && mayAtLeast(role, "REVIEWER")) return `Review ${plural(toReview, "submission")}`;
  if (toDo > 0 && mayAtLeast(role, "ANNOTATOR")) return `Go on with ${plural(toDo, "task")}`;
  return "Open the project";
}
