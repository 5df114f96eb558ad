import { Group, Paper, Skeleton, Text, Title } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { IconArrowRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { facesQuery, thumbnailOf } from "@/api/datasets";
import { useLoopCounts } from "@/api/loop";
import type { Project } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount } from "@/lib/format";
import { nextStep, type LoopCounts } from "@/lib/next-step";
import { TextLink } from "@/ui/link";
import { Thumbnail } from "@/ui/thumbnail";
import classes from "./project-card.module.css";

const FACES = 4;

/** What a project is about and what it waits for; asks for its counts when it comes into view. */
export function ProjectCard({ project }: { project: Project }) {
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const faces = useQuery({ ...facesQuery({ project: project.id }, FACES), enabled: inViewport });
  const { counts } = useLoopCounts(project.id, inViewport);
  return (
    <Paper component="article" ref={ref} className={classes.card} radius="md" aria-label={project.name}>
      <div className={classes.faces} aria-hidden>
        {Array.from({ length: FACES }, (_, index) => (
          <Thumbnail key={index} src={faces.data?.[index] ? thumbnailOf(faces.data[index].id) : null} />
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
        {counts ? <Figures counts={counts} /> : <Skeleton height={18} mt="sm" width="80%" />}
        <Group gap={6} mt="auto" pt="sm" wrap="nowrap" className={classes.next}>
          <IconArrowRight size={15} aria-hidden />
          <Text size="sm" truncate>
            {counts ? nextStep(counts, project.role).action : "…"}
          </Text>
        </Group>
      </div>
    </Paper>
  );
}

function Figures({ counts }: { counts: LoopCounts }) {
  const figures: [number, string][] = [
    [counts.images, "images"],
    [counts.accepted, "accepted"],
    [counts.toReview, "to review"],
    [counts.models, "models"],
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
