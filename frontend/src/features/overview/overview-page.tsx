import { Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLoopCounts } from "@/api/loop";
import { projectQuery } from "@/api/projects";
import { nextStep } from "@/lib/next-step";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { useParam } from "@/ui/use-address";
import { DatasetsPanel } from "./datasets-panel";
import { Loop } from "./loop";
import { NextAction } from "./next-action";
import { RecentWork } from "./recent-work";

/** The picture of the product: where the loop stands, and the one thing to do next. */
export function OverviewPage() {
  const id = useParam("projectId");
  const project = useQuery(projectQuery(id));
  const { counts, datasets, error } = useLoopCounts(id);
  if (project.error) throw project.error;
  const next = counts && project.data && nextStep(counts, project.data.role);
  return (
    <>
      <PageHeader title={project.data?.name ?? "…"} subtitle={project.data?.description || project.data?.team_name} />
      <ErrorNotice error={error} />
      <Stack gap="lg">
        {next ? <NextAction project={id} counts={counts} next={next} datasets={datasets ?? []} /> : <Skeleton height={84} />}
        {next ? <Loop project={id} counts={counts} next={next.step} /> : <Skeleton height={220} />}
        {datasets && <DatasetsPanel project={id} datasets={datasets} />}
        <RecentWork project={id} />
      </Stack>
    </>
  );
}
