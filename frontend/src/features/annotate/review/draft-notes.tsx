import { ActionIcon, Button, Group, Textarea, TextInput } from "@mantine/core";
import { IconMapPin, IconX } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { useEditor } from "../use-editor";
import { useGoToNote } from "../side/notes-tab";
import type { Draft, DraftNote } from "./draft";
import { withNote } from "./pin-catcher";
import classes from "./review.module.css";

interface DraftNotesProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  pinning: boolean;
  onPinning: (pinning: boolean) => void;
}

/** What goes back with the verdict. With a cell selected the pin falls on it; else the next click says where. */
export function DraftNotes({ draft, onDraft, pinning, onPinning }: DraftNotesProps) {
  const editor = useEditor();
  const pin = (byKey: boolean) => {
    const { t, z, selected, camera } = editor.state();
    const measure = selected[0] === undefined ? null : editor.measure(selected[0]);
    // A key has no place: without a cell the note falls on the middle of the view.
    if (!measure && byKey) onDraft(withNote(draft, { t, z, y: camera.y, x: camera.x, cell: null }));
    else if (!measure || pinning) onPinning(!pinning);
    else onDraft(withNote(draft, { t, z, y: measure.centroid_y, x: measure.centroid_x, cell: measure.cell }));
  };
  return (
    <section className={classes.verdict} aria-label="Your notes">
      {draft.notes.map((note, at) => (
        <NoteField key={note.key} note={note} label={`Note ${at + 1}`} draft={draft} onDraft={onDraft} />
      ))}
      <Group gap={6} align="flex-end" wrap="nowrap">
        <Textarea
          flex={1}
          size="xs"
          autosize
          minRows={1}
          maxRows={5}
          aria-label="Comment on the whole"
          placeholder="Comment on the whole"
          data-review-comment
          onKeyDown={leaveByKey}
          value={draft.comment}
          onChange={(event) => onDraft({ ...draft, comment: event.currentTarget.value })}
        />
        <Button size="xs" variant={pinning ? "filled" : "default"} aria-pressed={pinning} leftSection={<IconMapPin size={14} />} data-action="note.pin" aria-keyshortcuts="N" onClick={(event) => pin(event.detail === 0)}>
          {pinning ? "Click the place" : "Pin a note"}
        </Button>
      </Group>
    </section>
  );
}

/** Enter or Escape gives the keys back to the picture; Shift+Enter begins a line. */
function leaveByKey(event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>): void {
  if (event.key !== "Escape" && (event.key !== "Enter" || event.shiftKey)) return;
  event.preventDefault();
  event.stopPropagation();
  event.currentTarget.blur();
}

function NoteField({ note, label, draft, onDraft }: { note: DraftNote; label: string; draft: Draft; onDraft: (draft: Draft) => void }) {
  const goTo = useGoToNote();
  const change = (notes: readonly DraftNote[]) => onDraft({ ...draft, notes });
  return (
    <Group gap={4} wrap="nowrap">
      <TextInput
        flex={1}
        size="xs"
        autoFocus
        aria-label={label}
        placeholder={note.cell === null ? `Frame ${note.t}` : `Frame ${note.t}, cell ${note.cell}`}
        leftSection={label.replace("Note ", "")}
        value={note.text}
        onFocus={() => goTo(note)}
        onKeyDown={leaveByKey}
        onChange={(event) => change(draft.notes.map((other) => (other.key === note.key ? { ...note, text: event.target.value } : other)))}
      />
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${label.toLowerCase()}`} onClick={() => change(draft.notes.filter((other) => other.key !== note.key))}>
        <IconX size={14} />
      </ActionIcon>
    </Group>
  );
}
