import { Group, SegmentedControl, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { IconMessages } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectCommentsQuery, type Thread } from "@/api/comments";
import { thumbnailOf } from "@/api/datasets";
import { useMay } from "@/api/projects";
import { placeWords, ThreadView } from "@/conversations/thread-view";
import { addresses } from "@/lib/addresses";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { useParam } from "@/ui/use-address";
import classes from "./comments.module.css";

const SHOWN = [
  { value: "open", label: "Open" },
  { value: "resolved", label: "Resolved" },
  { value: "all", label: "All" },
];

/** Every conversation of the project; each leads to exactly the view that it is about. */
export function CommentsPage() {
  const project = useParam("projectId");
  const [shown, setShown] = useState("open");
  const [mine, setMine] = useState(false);
  const query = useQuery(projectCommentsQuery(project, { open: shown === "all" ? undefined : shown === "open", for_me: mine }));
  return (
    <>
      <PageHeader title="Comments" subtitle="What people said about places, cells, tracks and frames." />
      <Group mb="md" gap="md">
        <SegmentedControl size="xs" aria-label="Which conversations" data={SHOWN} value={shown} onChange={setShown} />
        <Switch size="sm" label="Only where I am named or take part" checked={mine} onChange={(event) => setMine(event.currentTarget.checked)} />
      </Group>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={240} />}
      {query.data?.length === 0 && (
        <EmptyState icon={<IconMessages size={40} stroke={1.2} />} title={shown === "open" ? "No open conversation" : "No conversation"} action={<ButtonLink to={addresses.datasets(project)} variant="default">Open an image</ButtonLink>}>
          Beside every image there is a tab “Comments”: select a cell or look at a place, and say what you think. @Name calls a colleague.
        </EmptyState>
      )}
      <Stack gap="sm" maw="48rem">
        {query.data?.map((thread) => (
          <Card key={thread.id} project={project} thread={thread} />
        ))}
      </Stack>
    </>
  );
}

function Card({ project, thread }: { project: string; thread: Thread }) {
  const mayAnswer = useMay(project, "ANNOTATOR");
  const manages = useMay(project, "MANAGER");
  return (
    <Panel title={thread.image_name}>
      <Group align="flex-start" wrap="nowrap" gap="md">
        <img className={classes.face} src={thumbnailOf(thread.image)} alt="" loading="lazy" />
        <div className={classes.words}>
          <Text size="sm">
            <TextLink to={thread.address}>{placeWords(thread)}</TextLink>
          </Text>
          <ThreadView thread={thread} project={project} mayAnswer={mayAnswer} manages={manages} />
        </div>
      </Group>
    </Panel>
  );
}
