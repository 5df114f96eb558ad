import { Button, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeComment, deleteComment, writeComment, type Said, type Thread } from "@/api/comments";
import { useMe } from "@/api/session";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import classes from "./conversations.module.css";
import { MentionField } from "./mention-field";
import { placeWords } from "./words";

interface ThreadViewProps {
  thread: Thread;
  project: string;
  /** May this person answer and settle? */
  mayAnswer: boolean;
  manages: boolean;
}

/** One conversation: what was said, answered, and whether it is settled. */
export function ThreadView({ thread, project, mayAnswer, manages }: ThreadViewProps) {
  const [answering, setAnswering] = useState(false);
  const act = useThreadActions(thread);
  const me = useMe();
  return (
    <div className={classes.thread} data-settled={thread.resolved_at !== null || undefined}>
      <Words said={thread} />
      {thread.answers.map((said) => (
        <div key={said.id} className={classes.answer}>
          <Words said={said} />
        </div>
      ))}
      {answering && <MentionField project={project} label="Your answer" busy={act.answer.isPending} onSend={(text) => act.answer.mutate(text, { onSuccess: () => setAnswering(false) })} onCancel={() => setAnswering(false)} />}
      {mayAnswer && !answering && (
        <Group gap={4} mt={4}>
          <Button size="compact-xs" variant="default" onClick={() => setAnswering(true)}>
            Answer
          </Button>
          <Button size="compact-xs" variant="default" loading={act.settle.isPending} onClick={() => act.settle.mutate()}>
            {thread.resolved_at ? "Open again" : "Resolve"}
          </Button>
          {(manages || thread.author?.id === me.id) && (
            <Button size="compact-xs" variant="subtle" color="bad" loading={act.remove.isPending} onClick={() => act.remove.mutate()}>
              Delete
            </Button>
          )}
        </Group>
      )}
      {thread.resolved_at && (
        <Text size="xs" c="dimmed">
          resolved by {thread.resolved_by?.name ?? "somebody"}
        </Text>
      )}
    </div>
  );
}

function Words({ said }: { said: Said }) {
  return (
    <>
      <Text size="xs" c="dimmed">
        <b>{said.author?.name ?? "Somebody"}</b>, <TimeAgo at={said.created_at} />
        {said.changed_at && " (changed)"}
      </Text>
      <Text size="sm" className={classes.text}>
        {withNames(said)}
      </Text>
    </>
  );
}

/** The text, with those who are named standing out. */
function withNames({ text, mentioned }: Said) {
  const names = mentioned.map(({ name }) => name ?? "").filter(Boolean);
  if (names.length === 0) return text;
  const pattern = new RegExp(`(@(?:${names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")}))`, "gi");
  return text.split(pattern).map((part, at) => (at % 2 === 1 ? <b key={at}>{part}</b> : part));
}

function useThreadActions(thread: Thread) {
  const queries = useQueryClient();
  const after = { onError: (error: unknown) => toast.failed(error), onSettled: () => queries.invalidateQueries({ queryKey: ["comments"] }) };
  return {
    answer: useMutation({ mutationFn: (text: string) => writeComment(thread.image, { text, thread: thread.id }), ...after }),
    settle: useMutation({ mutationFn: () => changeComment(thread.id, { resolved: !thread.resolved_at }), ...after }),
    remove: useMutation({ mutationFn: () => deleteComment(thread.id), ...after }),
  };
}

export { placeWords };
