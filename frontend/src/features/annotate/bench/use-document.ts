import { useEffect, useRef, useState } from "react";
import type { Editor } from "@/editor";
import { readBranch } from "../queries";
import { openDocument } from "../document/open-document";
import type { Pixels } from "../document/pixels";
import { readFrame } from "../document/labels";
import type { Place } from "../place/place";
import type { Autosave } from "../saving/autosave";
import { openAutosave, sendLeftovers } from "../saving/open-autosave";
import { unsentEdits, type Pile } from "../saving/pile";
import type { Branch, Image, LabelClass } from "../types";

export interface BenchDocument {
  readonly project: string;
  readonly image: Image;
  readonly branch: Branch;
  readonly classes: readonly LabelClass[];
  readonly pixels: Pixels;
  readonly revision: number | undefined;
  readonly readOnly: boolean;
  readonly task: string | undefined;
}

interface Opened {
  readonly autosave: Autosave | null;
  /** Shows the server's newest state with own unsent edits on top: after giving way in a collision. */
  readonly showServer: () => Promise<void>;
}

const NOTHING: Opened = { autosave: null, showServer: () => Promise.resolve() };

/** Puts a document under the editor whenever another one is asked for, and saves what is drawn on it. */
export function useDocument(editor: Editor | null, parts: BenchDocument, place: Place, onError: (error: unknown) => void): Opened {
  const [opened, setOpened] = useState<Opened>(NOTHING);
  const newest = useRef({ parts, place, onError });
  useEffect(() => {
    newest.current = { parts, place, onError };
  });
  const { image, branch, revision, readOnly, pixels, classes } = parts;
  useEffect(() => {
    if (!editor) return;
    const session = openSession(editor, newest.current.parts, placeNow(editor, image.id, newest.current.place), setOpened);
    session.ready.catch((error: unknown) => newest.current.onError(error));
    return () => {
      setOpened(NOTHING);
      session.close();
    };
  }, [editor, image.id, branch.id, revision, readOnly, pixels, classes]);
  return opened;
}

/** The address says where to begin; another state of the same image is shown at the same place. */
function placeNow(editor: Editor, image: string, place: Place): Place {
  const state = editor.state();
  if (state.document?.id !== image) return place;
  return { ...place, t: state.t, z: state.z, camera: state.camera, channels: state.channels, cell: state.selected[0] };
}

function openSession(editor: Editor, parts: BenchDocument, place: Place, onOpen: (opened: Opened) => void) {
  let closed = false;
  let finish = () => undefined as void;
  const open = async () => {
    const writable = !parts.readOnly && parts.revision === undefined;
    const leftover = writable ? await sendLeftovers(parts.branch.id) : null;
    const branch = await readBranch(parts.branch.id);
    if (closed) return;
    const visited = new Set<string>();
    editor.load(openDocument({ ...parts, branch, readOnly: !writable, place, onFrameRead: (t, z) => visited.add(`${t}/${z}`) }));
    // For benchmarks: pixels and labels of the first view are on the screen.
    void editor.settled().then(() => !closed && performance.mark("cytoloop:first-picture"));
    const autosave = writable ? startSaving(editor, branch, visited, leftover, (stop) => (finish = stop)) : null;
    onOpen({ autosave, showServer: () => showServer(editor, branch.id, visited, autosave) });
  };
  return {
    ready: open(),
    close: () => {
      closed = true;
      finish();
    },
  };
}

function startSaving(editor: Editor, branch: Branch, visited: ReadonlySet<string>, leftover: Pile | null, onStop: (stop: () => void) => void): Autosave {
  const autosave = openAutosave({ editor, branch: branch.id, head: branch.head_number, visited }, leftover);
  if (leftover) void editor.settled().then(() => unsentEdits(leftover).forEach((edit) => editor.applyRemote({ kind: "edit", edit })));
  const leave = editor.onCommit((edit) => autosave.push(edit));
  onStop(() => {
    leave();
    void autosave.flush({ keepalive: true }).finally(() => autosave.stop());
  });
  return autosave;
}

async function showServer(editor: Editor, branch: string, visited: ReadonlySet<string>, autosave: Autosave | null): Promise<void> {
  for (const place of visited) {
    const [t = 0, z = 0] = place.split("/").map(Number);
    const frame = await readFrame(branch, undefined, { t, z });
    editor.applyRemote({ kind: "frame", t, z, frame, complete: true, pending: autosave ? unsentEdits(autosave.pile()) : [] });
  }
}
