import { Center, Loader, Stack, Text } from "@mantine/core";
import { usePrefetchQuery, useQuery } from "@tanstack/react-query";
import { useMe } from "@/api/session";
import { ErrorNotice } from "@/ui/error-notice";
import { useParam, useQueryValue } from "@/ui/use-address";
import { AnnotateHeader } from "./annotate-header";
import { Workbench } from "./bench/workbench";
import { useMay } from "@/api/projects";
import { schemaQuery } from "@/api/schemas";
import { branchQuery, imageQuery, pixelsQuery, taskQuery } from "./queries";
import { ReplayBar } from "./replay/replay-bar";
import { PrefetchNext } from "./document/prefetch-next";
import { NotePins } from "./review/note-pins";
import { ReviewTab } from "./review/review-tab";
import { CommentPins } from "./review/comment-pins";
import { isInMyHands } from "./task-hands";
import { SidePanel } from "./side/side-panel";
import type { Task } from "./types";
import { useTaskActions } from "./use-task-actions";

/** The page a person lives in: one image, its labels, every tool. */
export function AnnotatePage() {
  const project = useParam("projectId");
  const imageId = useParam("imageId");
  const [taskId] = useQueryValue("task");
  const [branchAsked] = useQueryValue("branch");
  const task = useQuery({ ...taskQuery(taskId ?? ""), enabled: taskId !== undefined });
  const image = useQuery(imageQuery(imageId));
  usePrefetchQuery(pixelsQuery(imageId));
  usePrefetchQuery(schemaQuery(project));
  const branchId = branchAsked ?? task.data?.branch.id ?? (taskId === undefined || task.isError ? image.data?.current_branch?.id : undefined);
  const error = image.error ?? task.error;
  if (error) return <Failed error={error} />;
  if (!branchId) return <Opening what="Reading the image" />;
  return <BranchBench key={imageId} project={project} imageId={imageId} branchId={branchId} task={task.data} />;
}

interface BranchBenchProps {
  project: string;
  imageId: string;
  branchId: string;
  task: Task | undefined;
}

function BranchBench({ project, imageId, branchId, task }: BranchBenchProps) {
  const [revision] = useQueryValue("revision");
  const image = useQuery(imageQuery(imageId));
  const branch = useQuery(branchQuery(branchId));
  const pixels = useQuery(pixelsQuery(imageId));
  const labelClasses = useQuery(schemaQuery(project));
  const me = useMe();
  const mayLabel = useMay(project, "ANNOTATOR");
  const [fix] = useQueryValue("fix");
  const fixing = useMay(project, "REVIEWER") && fix !== undefined && task?.state === "SUBMITTED";
  const onAction = useTaskActions(project, task);
  const error = image.error ?? branch.error ?? pixels.error ?? labelClasses.error;
  if (error) return <Failed error={error} />;
  if (!image.data || !branch.data || !pixels.data || !labelClasses.data) return <Opening what="Opening the labels" />;
  return (
    <Workbench
      project={project}
      image={image.data}
      branch={branch.data}
      classes={labelClasses.data.classes}
      pixels={pixels.data}
      revision={revision && /^\d+$/.test(revision) ? Number(revision) : undefined}
      readOnly={!mayLabel || (task !== undefined && !fixing && !isInMyHands(task, me.id))}
      task={task?.id}
      over={
        <>
          <NotePins task={task?.id} />
          <CommentPins />
          <PrefetchNext project={project} task={task} />
          <ReplayBar />
        </>
      }
      header={<AnnotateHeader task={task} fixing={fixing} />}
      side={<SidePanel review={<ReviewTab />} />}
      onAction={onAction}
    />
  );
}

export function Opening({ what }: { what: string }) {
  return (
    <Center h="60dvh">
      <Stack align="center" gap="xs">
        <Loader size="sm" />
        <Text size="sm" c="dimmed">
          {what} …
        </Text>
      </Stack>
    </Center>
  );
}

export function Failed({ error }: { error: unknown }) {
  return (
    <Center h="60dvh" p="lg">
      <ErrorNotice error={error} title="This image could not be opened" onRetry={() => location.reload()} />
    </Center>
  );
}
