import { Button, Group, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ErrorNotice } from "@/ui/error-notice";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import { useBench } from "../bench/bench-context";
import { notesQuery, resolveNote } from "../queries";
import type { Note } from "../types";
import { useEditor } from "../use-editor";
import classes from "./side.module.css";

/** What reviewers pinned to this image; a click goes to the place. */
export function NotesTab() {
  const { task } = useBench();
  if (!task) return <p className={classes.hint}>Notes belong to tasks. When a reviewer returns your task, what they pinned to the image is listed here.</p>;
  return <TaskNotes task={task} />;
}

function TaskNotes({ task }: { task: string }) {
  const query = useQuery(notesQuery(task));
  if (query.isPending) return <Skeleton height={120} m="sm" />;
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) return <p className={classes.hint}>No notes. A reviewer can pin some when returning this task.</p>;
  const open = query.data.filter((note) => !note.resolved_at);
  const done = query.data.filter((note) => note.resolved_at);
  return (
    <ul className={classes.list} aria-label="Notes">
      {[...open, ...done].map((note) => (
        <li key={note.id}>
          <Entry note={note} task={task} />
        </li>
      ))}
    </ul>
  );
}

function Entry({ note, task }: { note: Note; task: string }) {
  const goTo = useGoToNote();
  const queries = useQueryClient();
  const resolve = useMutation({
    mutationFn: () => resolveNote(note.id, !note.resolved_at),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tasks", task, "notes"] }),
    onError: (error) => toast.failed(error),
  });
  return (
    <div style={{ opacity: note.resolved_at ? 0.55 : 1 }}>
      <UnstyledButton className={classes.entry} onClick={() => goTo(note)}>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {note.text}
        </Text>
        <span className={classes.small}>
          {note.author?.name ?? "Somebody"}, <TimeAgo at={note.created_at} /> · frame {note.t}
          {note.cell !== null && `, cell ${note.cell}`}
        </span>
      </UnstyledButton>
      <Group px="sm" pb={6}>
        <Button size="compact-xs" variant="default" loading={resolve.isPending} onClick={() => resolve.mutate()}>
          {note.resolved_at ? "Open again" : "Done"}
        </Button>
      </Group>
    </div>
  );
}

interface PlacedThing {
  t: number | null;
  z: number | null;
  y: number | null;
  x: number | null;
  cell: number | null;
}

/** Goes to the frame, selects the cell and brings it to the middle. */
export function useGoToNote(): (place: PlacedThing) => void {
  const editor = useEditor();
  return ({ t, z, y, x, cell }) => {
    if (t !== null && z !== null) editor.dispatch({ kind: "frame.go", t, z });
    if (cell !== null) editor.dispatch({ kind: "select", cells: [cell] });
    if (y !== null && x !== null) editor.dispatch({ kind: "camera.set", camera: { x, y } });
    else if (cell !== null) void editor.settled().then(() => editor.dispatch({ kind: "camera.centre", cell }));
  };
}
