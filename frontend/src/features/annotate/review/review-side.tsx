import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import bench from "../bench/bench.module.css";
import { changesQuery } from "../queries";
import { CommentsTab } from "../talk/comments-tab";
import { CellsTab } from "../side/cells-tab";
import type { Task } from "../types";
import { ChangesTab } from "./changes-tab";
import type { Draft } from "./draft";
import { DraftNotes } from "./draft-notes";

interface ReviewSideProps {
  task: Task;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  pinning: boolean;
  onPinning: (pinning: boolean) => void;
}

export function ReviewSide({ task, draft, onDraft, pinning, onPinning }: ReviewSideProps) {
  const changes = useQuery(changesQuery(task.id, task.submitted_number));
  return (
    <aside className={bench.side} aria-label="Review">
      <Tabs defaultValue="changes" className={bench.panel} keepMounted={false}>
        <Tabs.List grow>
          <Tabs.Tab value="changes">Changes {changes.data && changes.data.length}</Tabs.Tab>
          <Tabs.Tab value="cells">Cells</Tabs.Tab>
          <Tabs.Tab value="notes">Comments</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="changes" className={bench.panel}>
          <ChangesTab changes={changes.data} error={changes.error} onRetry={() => void changes.refetch()} />
        </Tabs.Panel>
        <Tabs.Panel value="cells" className={bench.panel}>
          <CellsTab />
        </Tabs.Panel>
        <Tabs.Panel value="notes" className={bench.panel}>
          <CommentsTab />
        </Tabs.Panel>
      </Tabs>
      {task.state === "SUBMITTED" && <DraftNotes draft={draft} onDraft={onDraft} pinning={pinning} onPinning={onPinning} />}
    </aside>
  );
}
