import { Button, SimpleGrid, Skeleton, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFolders, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectsQuery } from "@/api/projects";
import { useMe } from "@/api/session";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { NewProject } from "./new-project";
import { ProjectCard } from "./project-card";

const SEARCH_FROM = 7;

export function HomePage() {
  const me = useMe();
  const projects = useQuery(projectsQuery);
  const [opened, { open, close }] = useDisclosure(false);
  const [search, setSearch] = useState("");
  const found = projects.data?.filter((project) => project.name.toLowerCase().includes(search.trim().toLowerCase()));
  const make = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
      New project
    </Button>
  );
  return (
    <>
      <PageHeader title="Projects" subtitle={me.name ? `Good to see you, ${me.name}.` : undefined} actions={projects.data?.length ? make : undefined} />
      <ErrorNotice error={projects.error} onRetry={() => void projects.refetch()} />
      {(projects.data?.length ?? 0) >= SEARCH_FROM && (
        <TextInput
          mb="md"
          maw="20rem"
          aria-label="Search projects"
          placeholder="Search projects"
          leftSection={<IconSearch size={15} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {projects.data?.length === 0 && (
        <EmptyState icon={<IconFolders size={44} stroke={1.2} />} title="No projects yet" action={make}>
          A project holds the images of one question: its datasets, labels, classes and the models that learn from them.
        </EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        {projects.isPending && [1, 2, 3].map((key) => <Skeleton key={key} height={210} />)}
        {found?.map((project) => (
          <ProjectCard key={project.id} project={project} />
        ))}
      </SimpleGrid>
      {opened && <NewProject onClose={close} />}
    </>
  );
}
