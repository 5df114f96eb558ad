import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Editor } from "@/editor";
import { isApiError } from "@/api/errors";
import { useMe } from "@/api/session";
import { branchQuery, readBranch } from "../queries";
import { openDocument } from "../document/open-document";
import type { Pixels } from "../document/pixels";
import type { Place } from "../place/place";
import type { Autosave } from "../saving/autosave";
import { NO_LEFTOVERS, openAutosave, sendLeftovers, type Leftovers } from "../saving/open-autosave";
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

interface Visit extends BenchDocument {
  /** Who is signed in. */
  readonly author: string;
  /** The branch was asked for just now, for this visit: its head need not be asked again. */
  readonly isFresh: () => boolean;
}

const FRESH_MS = 3_000;

/** Puts a document under the editor whenever another one is asked for, and saves what is drawn on it. */
export function useDocument(editor: Editor | null, parts: BenchDocument, place: Place, onError: (error: unknown) => void): Autosave | null {
  const [autosave, setAutosave] = useState<Autosave | null>(null);
  const author = useMe().id;
  const queries = useQueryClient();
  const newest = useRef({ parts, place, onError });
  useEffect(() => {
    newest.current = { parts, place, onError };
  });
  const { image, branch, revision, readOnly, pixels, classes } = parts;
  useEffect(() => {
    if (!editor) return;
    const isFresh = () => Date.now() - (queries.getQueryState(branchQuery(branch.id).queryKey)?.dataUpdatedAt ?? 0) < FRESH_MS;
    const session = openSession(editor, { ...newest.current.parts, author, isFresh }, placeNow(editor, image.id, newest.current.place), setAutosave, (error) => newest.current.onError(error));
    session.ready.catch((error: unknown) => newest.current.onError(error));
    return () => {
      setAutosave(null);
      session.close();
    };
  }, [editor, image.id, branch.id, revision, readOnly, pixels, classes, author, queries]);
  return autosave;
}

/** The address says where to begin; another state of the same image is shown at the same place. */
function placeNow(editor: Editor, image: string, place: Place): Place {
  const state = editor.state();
  if (state.document?.id !== image) return place;
  return { ...place, t: state.t, z: state.z, camera: state.camera, channels: state.channels, cells: state.selected };
}

function openSession(editor: Editor, parts: Visit, place: Place, onOpen: (autosave: Autosave | null) => void, onError: (error: unknown) => void) {
  let closed = false;
  let finish = () => undefined as void;
  const writable = !parts.readOnly && parts.revision === undefined;
  const open = async (leftovers: Leftovers) => {
    const branch = leftovers.sent || !parts.isFresh() ? await readBranch(parts.branch.id) : parts.branch;
    if (closed) return;
    const visited = new Set<string>();
    const autosave = writable ? openAutosave({ editor, branch: branch.id, author: parts.author, head: branch.head_number, visited }, leftovers.pile) : null;
    editor.load(
      openDocument({
        ...parts,
        branch,
        readOnly: !writable,
        place,
        onFrameRead: (t, z) => visited.add(`${t}/${z}`),
        shown: autosave?.shown,
        isSaved: () => autosave?.state().kind === "saved",
        unsent: leftovers.pile ? unsentEdits(leftovers.pile) : undefined,
      }),
    );
    // For benchmarks: pixels and labels of the first view are on the screen.
    void editor.settled().then(() => !closed && performance.mark("cytoloop:first-picture"));
    if (autosave) finish = startSaving(editor, autosave, leftovers.pile);
    onOpen(autosave);
  };
  const begin = async () => {
    const leftovers = writable ? await sendLeftovers(parts.branch.id, parts.author) : NO_LEFTOVERS;
    await untilReached(() => open(leftovers), () => closed, onError);
  };
  return {
    ready: begin(),
    close: () => {
      closed = true;
      finish();
    },
  };
}

const RETRY_MS = 3_000;

/** Without a network the image is opened when it is back. */
async function untilReached(open: () => Promise<void>, isClosed: () => boolean, onError: (error: unknown) => void): Promise<void> {
  while (!isClosed()) {
    try {
      await open();
      return onError(null);
    } catch (error) {
      if (!isApiError(error, 0)) throw error;
      onError(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function startSaving(editor: Editor, autosave: Autosave, leftover: Pile | null): () => void {
  if (leftover) void editor.settled().then(() => unsentEdits(leftover).forEach((edit) => editor.applyRemote({ kind: "edit", edit })));
  const leave = editor.onCommit((edit) => autosave.push(edit));
  return () => {
    leave();
    void autosave.leave().finally(() => autosave.stop());
  };
}
