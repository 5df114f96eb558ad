import { Burger, Group, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconSearch } from "@tabler/icons-react";
import { projectQuery } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { openCommands } from "@/ui/commands";
import { TextLink } from "@/ui/link";
import { Mark } from "@/ui/mark";
import { Keys } from "@/ui/shortcuts";
import { LiveLine } from "./live-line";
import { NotificationBell } from "./notification-bell";
import { PersonMenu } from "./person-menu";
import classes from "./frame.module.css";

export function FrameHeader({ projectId, menuOpened, onMenu }: { projectId?: string; menuOpened: boolean; onMenu: () => void }) {
  return (
    <Group h="100%" px="sm" gap="sm" wrap="nowrap" justify="space-between">
      <Group gap="xs" wrap="nowrap" miw={0}>
        {projectId && <Burger opened={menuOpened} onClick={onMenu} hiddenFrom="sm" size="sm" aria-label="Menu of the project" />}
        <TextLink to={addresses.home()} className={classes.home} underline="never" aria-label="Cytoloop, to your projects">
          <Mark size={22} />
          <Text span fw={600} visibleFrom="xs">
            Cytoloop
          </Text>
        </TextLink>
        {projectId && <ProjectName projectId={projectId} />}
      </Group>
      <Group gap="xs" wrap="nowrap">
        {projectId && <LiveLine key={projectId} projectId={projectId} />}
        <UnstyledButton className={classes.search} onClick={openCommands}>
          <VisuallyHidden>Search and commands: </VisuallyHidden>
          <IconSearch size={14} aria-hidden />
          <Text span inherit visibleFrom="sm">
            Go to…
          </Text>
          <Text span inherit visibleFrom="sm">
            <Keys keys={["Ctrl", "K"]} />
          </Text>
        </UnstyledButton>
        <NotificationBell />
        <PersonMenu />
      </Group>
    </Group>
  );
}

function ProjectName({ projectId }: { projectId: string }) {
  const project = useQuery(projectQuery(projectId)).data;
  if (!project) return null;
  return (
    <>
      <Text span c="dimmed" aria-hidden>
        /
      </Text>
      <TextLink to={addresses.project(projectId)} c="inherit" size="sm" truncate miw={0} title={project.name}>
        {project.name}
      </TextLink>
    </>
  );
}
