import { Button, Group, SegmentedControl, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { IconMessagePlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { imageCommentsQuery, writeComment, type NewComment, type Thread } from "@/api/comments";
import { useMay } from "@/api/projects";
import { MentionField } from "@/conversations/mention-field";
import { placeWords, ThreadView } from "@/conversations/thread-view";
import { ErrorNotice } from "@/ui/error-notice";
import { toast } from "@/ui/toast";
import { useQueryValue } from "@/ui/use-address";
import { useBench } from "../bench/bench-context";
import { NotesTab, useGoToNote } from "../side/notes-tab";
import side from "../side/side.module.css";
import { useEditor, useEditorState } from "../use-editor";
import classes from "./talk.module.css";

type PlaceKind = NonNullable<NewComment["place"]>;

/** What people say to each other about this image, each conversation at its place; below, the notes of the task's reviews. */
export function CommentsTab() {
  const { project, image, task } = useBench();
  const query = useQuery(imageCommentsQuery(image.id));
  const [writing, setWriting] = useState(false);
  const mayWrite = useMay(project, "ANNOTATOR");
  if (query.isPending) return <Skeleton height={120} m="sm" />;
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  const open = query.data.filter((thread) => !thread.resolved_at);
  const settled = query.data.filter((thread) => thread.resolved_at);
  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        {mayWrite && !writing && (
          <Button fullWidth size="compact-sm" variant="default" leftSection={<IconMessagePlus size={15} />} data-action="comment.write" onClick={() => setWriting(true)}>
            Comment on …
          </Button>
        )}
        {writing && <NewThread onDone={() => setWriting(false)} />}
      </div>
      {query.data.length === 0 && !writing && <p className={side.hint}>Nobody has said anything about this image yet. A comment can be pinned to a place, a cell, a track or a frame, and its link opens exactly that view.</p>}
      <ul className={classes.list} aria-label="Comments">
        {[...open, ...settled].map((thread) => (
          <li key={thread.id}>
            <Entry thread={thread} />
          </li>
        ))}
      </ul>
      {task && (
        <>
          <Text size="xs" fw={600} px="sm" pt="sm">
            Notes of reviews
          </Text>
          <NotesTab />
        </>
      )}
    </div>
  );
}

function Entry({ thread }: { thread: Thread }) {
  const { project } = useBench();
  const goTo = useGoToNote();
  const [asked] = useQueryValue("comment");
  const mayAnswer = useMay(project, "ANNOTATOR");
  const manages = useMay(project, "MANAGER");
  const box = useRef<HTMLDivElement>(null);
  const chosen = asked === thread.id;
  useEffect(() => {
    if (chosen) box.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const { t, z, y, x, cell } = thread;
  const copy = () => {
    void navigator.clipboard.writeText(location.origin + thread.address).then(() => toast.done("The link to this view is copied."));
  };
  return (
    <div ref={box} className={classes.entry} data-chosen={chosen || undefined}>
      <Group justify="space-between" wrap="nowrap" gap={4}>
        <UnstyledButton className={classes.place} onClick={() => goTo({ t, z, y, x, cell })}>
          {placeWords(thread)}
        </UnstyledButton>
        <Button size="compact-xs" variant="subtle" onClick={copy}>
          Copy link
        </Button>
      </Group>
      <ThreadView thread={thread} project={project} mayAnswer={mayAnswer} manages={manages} />
    </div>
  );
}

const KINDS: Record<PlaceKind, string> = { PIXEL: "This place", CELL: "Cell", TRACK: "Track", FRAME: "Frame", IMAGE: "Image" };

/** About what is selected and in view: a cell where one is selected, else the middle of the view. */
function NewThread({ onDone }: { onDone: () => void }) {
  const { project, image, branch } = useBench();
  const editor = useEditor();
  const cell = useEditorState((state) => state.selected[0] ?? null);
  const [kind, setKind] = useState<PlaceKind>(cell === null ? "PIXEL" : "CELL");
  const queries = useQueryClient();
  const offered = (Object.keys(KINDS) as PlaceKind[]).filter((one) => cell !== null || (one !== "CELL" && one !== "TRACK"));
  const chosen = offered.includes(kind) ? kind : "PIXEL";
  const write = useMutation({
    mutationFn: (text: string) => writeComment(image.id, { text, ...placeOf(editor, chosen, cell, branch.id) }),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries({ queryKey: ["comments"] });
    },
    onError: (error) => toast.failed(error, "The comment was not sent"),
  });
  return (
    <>
      <SegmentedControl fullWidth size="xs" mb={6} aria-label="What is it about" data={offered.map((value) => ({ value, label: value === "CELL" || value === "TRACK" ? `${KINDS[value]} ${cell ?? ""}` : KINDS[value] }))} value={chosen} onChange={(value) => setKind(value)} />
      <MentionField project={project} label="Your comment" busy={write.isPending} onSend={(text) => write.mutate(text)} onCancel={onDone} />
    </>
  );
}

function placeOf(editor: ReturnType<typeof useEditor>, place: PlaceKind, cell: number | null, branch: string): Partial<NewComment> {
  const { t, z, camera } = editor.state();
  const measure = cell === null ? null : editor.measure(cell);
  const onCell = place === "CELL" || place === "TRACK";
  const [y, x] = onCell && measure ? [measure.centroid_y, measure.centroid_x] : [camera.y, camera.x];
  if (place === "IMAGE") return { place };
  return { place, t, z, y, x, zoom: camera.zoom, branch, cell: onCell ? cell : null };
}
