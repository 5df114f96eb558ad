import { Button, Group, NumberInput, Paper, Progress, Select, Skeleton, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam, useQueryValue } from "@/ui/use-address";
import { createTask, everyImageQuery, type NewTask } from "./queries";
import { useLabellers } from "./use-labellers";
import { useCreateMany } from "./use-create-many";

/** Makes one task an image, for the images or the dataset named in the address. */
export function NewTasksPage() {
  const projectId = useParam("projectId");
  const [images] = useQueryValue("images");
  const [dataset] = useQueryValue("dataset");
  return (
    <>
      <PageHeader title="New tasks" subtitle="One task for each image. Whoever does it hands it in for review." />
      {images || dataset ? (
        <Paper withBorder p="lg" maw={560}>
          <Choice projectId={projectId} images={images} dataset={dataset} />
        </Paper>
      ) : (
        <EmptyState icon={<IconPhoto size={40} stroke={1.2} />} title="Which images?" action={<ButtonLink to={addresses.datasets(projectId)}>Choose images</ButtonLink>}>
          Open a dataset, select the images that should be labelled, and choose “Make tasks”.
        </EmptyState>
      )}
    </>
  );
}

function Choice({ projectId, images, dataset }: { projectId: string; images: string | undefined; dataset: string | undefined }) {
  const listed = useQuery({ ...everyImageQuery(dataset ?? ""), enabled: !images && dataset !== undefined });
  if (images) return <Form projectId={projectId} images={images.split(",").map((id) => ({ id, accepted_number: null }))} />;
  if (listed.error) return <ErrorNotice error={listed.error} onRetry={() => void listed.refetch()} />;
  if (!listed.data) return <Skeleton height={160} />;
  return <Form projectId={projectId} images={listed.data} />;
}

/** An image chosen by its id alone counts as not accepted: nobody asked for it to be left out. */
interface Chosen {
  id: string;
  accepted_number: number | null;
}

function Form({ projectId, images }: { projectId: string; images: readonly Chosen[] }) {
  const [skipAccepted, setSkipAccepted] = useState(true);
  const [title, setTitle] = useState("");
  const [priority, setPriority] = useState(0);
  const [assignee, setAssignee] = useState<string | null>(null);
  const wanted = images.filter((image) => !skipAccepted || image.accepted_number === null);
  const accepted = images.length - images.filter((image) => image.accepted_number === null).length;
  const creation = useCreateMany(projectId);
  const create = () =>
    creation.start(
      wanted.map<NewTask>((image) => ({ image: image.id, kind: "LABEL", title, priority, assignee: assignee ?? undefined })),
      createTask,
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create();
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          {plural(wanted.length, "task")} for {plural(images.length, "image")}
        </Text>
        {accepted > 0 && <Switch checked={skipAccepted} onChange={(event) => setSkipAccepted(event.currentTarget.checked)} label={`Leave out ${plural(accepted, "image")} whose labels are accepted already`} />}
        <TextInput label="Title" description="Empty: the image's name." value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <AssigneeSelect projectId={projectId} value={assignee} onChange={setAssignee} />
        <NumberInput label="Priority" description="Higher is handed out first." value={priority} onChange={(value) => setPriority(Number(value) || 0)} />
        {creation.running && <Progress value={(100 * creation.done) / creation.total} aria-label="Making tasks" />}
        <ErrorNotice error={creation.error} title={`${plural(creation.done, "task")} made, then this happened`} />
        <Group justify="flex-end">
          <Button type="submit" disabled={wanted.length === 0} loading={creation.running}>
            Make {plural(wanted.length, "task")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function AssigneeSelect({ projectId, value, onChange }: { projectId: string; value: string | null; onChange: (value: string | null) => void }) {
  const labellers = useLabellers(projectId);
  return (
    <Select
      label="Who"
      description="Empty: whoever asks for the next task."
      placeholder="Anyone"
      clearable
      searchable
      data={labellers.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      onChange={onChange}
    />
  );
}
