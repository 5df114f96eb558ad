import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useReducer, useRef } from "react";
import type { Edit, Editor } from "@/editor";
import { hearNews } from "@/api/live-news";
import { useBench } from "../bench/bench-context";
import { wholeEdit } from "../document/labels";
import type { Autosave } from "../saving/autosave";
import { unsentEdits } from "../saving/pile";
import { useEditor } from "../use-editor";
import { tracksQuery } from "./lineage-queries";
import { TrackTable } from "./track-table";

/** The lists of what is wrong are asked again so long after the last revision; those of many tracks take the server a while. */
const REST_MS = 1_200;
const REST_MS_PER_TRACK = 0.25;

export interface Tracks {
  readonly table: TrackTable;
  /** Counts its changes. */
  readonly version: number;
  readonly pending: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

/** The tracks of the branch: read once, then kept in step with every edit in the picture, one's own and others'. */
export function useTracks(): Tracks {
  const { branch, revision, autosave } = useBench();
  const editor = useEditor();
  const query = useQuery({ ...tracksQuery(branch.id, revision), refetchOnWindowFocus: false });
  const table = useMemo(() => new TrackTable(), []);
  const [version, changed] = useReducer((count: number) => count + 1, 0);
  const unsent = useRef(autosave);
  useEffect(() => {
    unsent.current = autosave;
  });
  // Of an edit that was made or on its way while the tracks were read, nobody can say whether they hold it.
  const doubtful = useRef(false);
  useEffect(() => {
    if (query.isFetching) doubtful.current ||= waiting(unsent.current).length > 0;
  }, [query.isFetching]);
  useEffect(() => {
    if (!query.data) return;
    table.load(query.data.results);
    for (const edit of waiting(unsent.current)) table.apply(edit, askIn(editor));
    changed();
    if (!doubtful.current) return;
    doubtful.current = false;
    const again = setTimeout(() => void query.refetch(), REST_MS);
    return () => clearTimeout(again);
    // Only what was read matters here, not the query that read it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [query.data, query.dataUpdatedAt, table, editor]);
  useFollow(branch.id, table, changed, doubtful);
  return { table, version, pending: query.isPending, error: query.error, retry: () => void query.refetch() };
}

const waiting = (autosave: Autosave | null): readonly Edit[] => {
  const pile = autosave?.pile();
  return pile ? unsentEdits(pile) : [];
};

function useFollow(branch: string, table: TrackTable, changed: () => void, doubtful: { current: boolean }): void {
  const editor = useEditor();
  const queries = useQueryClient();
  useEffect(() => {
    const own = new Set<string>();
    let rest: ReturnType<typeof setTimeout> | undefined;
    const read = (...keys: string[]) => keys.forEach((key) => void queries.invalidateQueries({ queryKey: [key, branch, "head"] }));
    const take = (edit: Edit) => {
      const told = table.apply(edit, askIn(editor));
      changed();
      return told;
    };
    const leave = editor.onCommit((edit) => {
      own.add(edit.id);
      if (queries.isFetching({ queryKey: ["tracks", branch] }) > 0) doubtful.current = true;
      // Planes that are not here may hold the cell: asked again when the server has the edit.
      if (!take(edit)) own.delete(edit.id);
    });
    const stop = hearNews((name, data) => {
      if (name !== "revision.created" || data.branch !== branch) return;
      const edits = Array.isArray(data.edits) && data.kind === "EDIT" ? (data.edits as Edit[]).map(wholeEdit) : null;
      const foreign = edits?.filter((edit) => !own.has(edit.id));
      // Others' pixels are told apart from here only where the picture holds the frame: the server knows all.
      if (!foreign || foreign.some((edit) => edit.pixels.length > 0)) read("tracks");
      else foreign.forEach(take);
      clearTimeout(rest);
      rest = setTimeout(() => read("track-alerts", "track-repairs", "track-links"), REST_MS + REST_MS_PER_TRACK * table.size);
    });
    return () => {
      leave();
      stop();
      clearTimeout(rest);
    };
  }, [branch, editor, queries, table, changed, doubtful]);
}

/** Whether a cell is in a frame, by the picture; null in a stack of planes that are not all here. */
function askIn(editor: Editor): (cell: number, t: number) => boolean | null {
  return (cell, t) => {
    const { document: image, z, t: now } = editor.state();
    if (!image) return null;
    const here = t === now ? editor.measure(cell) !== null : editor.cells({ t, z }).some((one) => one.cell === cell);
    if (here) return true;
    return image.size.z === 1 ? false : null;
  };
}
