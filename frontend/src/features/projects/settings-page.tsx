import { Button, Group, Skeleton, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@/api/client";
import { COUNT_ONLY } from "@/api/paging";
import { projectQuery, type Project } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { mayAtLeast } from "@/lib/roles";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { useParam } from "@/ui/use-address";
import { PeoplePanel } from "./people-panel";
import { ProposalsPanel } from "./proposals-panel";
import { ReviewPanel } from "./review-panel";
import { StandingRulePanel } from "./standing-rule-panel";
import { WebhooksPanel } from "./webhooks-panel";

export function SettingsPage() {
  const project = useQuery(projectQuery(useParam("projectId")));
  if (project.error) throw project.error;
  if (!project.data) return <Skeleton height={240} />;
  const mayManage = mayAtLeast(project.data.role, "MANAGER");
  return (
    <>
      <PageHeader title="Settings" />
      <Stack gap="md" maw="44rem">
        <NamePanel key={project.data.id} project={project.data} mayManage={mayManage} />
        <ProposalsPanel project={project.data.id} mayManage={mayManage} />
        <PeoplePanel project={project.data} />
        <StandingRulePanel project={project.data.id} mayManage={mayManage} />
        <ReviewPanel project={project.data.id} mayManage={mayManage} />
        {mayManage && <WebhooksPanel project={project.data.id} />}
        {mayAtLeast(project.data.role, "OWNER") && <DeletePanel project={project.data} />}
      </Stack>
    </>
  );
}

function NamePanel({ project, mayManage }: { project: Project; mayManage: boolean }) {
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description ?? "");
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => data(api.PATCH("/api/v1/projects/{id}/", { params: { path: { id: project.id } }, body: { name, description } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["projects"] });
      toast.done("Saved.");
    },
  });
  const changed = name !== project.name || description !== (project.description ?? "");
  return (
    <Panel title="Name and description">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput label="Name" required maxLength={200} readOnly={!mayManage} value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Textarea label="Description" autosize minRows={2} readOnly={!mayManage} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
          <ErrorNotice error={save.error} />
          {mayManage && (
            <Group justify="flex-end">
              <Button type="submit" variant="default" disabled={!changed} loading={save.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}

const snapshotsCount = (project: string) =>
  queryOptions({
    queryKey: ["snapshots", "count", project],
    queryFn: async () => (await data(api.GET("/api/v1/snapshots/", { params: { query: { project, ...COUNT_ONLY } } }))).count,
  });

/** What models were trained and scored on is kept for good, and with it the project: said before anybody tries. */
function DeletePanel({ project }: { project: Project }) {
  const [opened, { open, close }] = useDisclosure(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/projects/{id}/", { params: { path: { id: project.id } } })),
    onSuccess: async () => {
      await navigate({ to: addresses.home() });
      await queries.invalidateQueries({ queryKey: ["projects"] });
      toast.done(`The project “${project.name}” is deleted.`);
    },
  });
  const snapshots = useQuery(snapshotsCount(project.id)).data;
  if (snapshots === undefined) return null;
  if (snapshots > 0) {
    return (
      <Panel title="This project is kept" lead={`It has ${plural(snapshots, "snapshot")}: what models were trained and scored on. Snapshots are kept for good, so that every score can be traced back, and a project that has some cannot be deleted.`}>
        <Text size="sm" c="dimmed">
          Datasets that no snapshot names can still be deleted one by one, on their own pages.
        </Text>
      </Panel>
    );
  }
  return (
    <Panel title="Delete this project" lead="With its images, labels, models and exports. This cannot be undone.">
      <Button color="bad" variant="light" onClick={open}>
        Delete project
      </Button>
      {opened && (
        <ConfirmDialog opened title="Delete this project?" confirm="Delete project" typeToConfirm={project.name} busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={close}>
          Everything in “{project.name}” goes: datasets, images, every revision of every label, trained models and exports.
        </ConfirmDialog>
      )}
    </Panel>
  );
}
