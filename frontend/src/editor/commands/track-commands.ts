/** Commands on tracks: link, cut, swap, divide, merge. Each is one edit of a few bytes, however long the movie. */
import type { Scope } from "../door";
import type { Ending } from "../core/edit";
import type { FrameLabels } from "../core/frame-labels";
import type { Point } from "../core/geometry";
import { Refused, changeFacts, copyCells } from "../core/operations";
import { intersection } from "../core/runs";
import { divide, fuse, link, mergeTracks, reassign, removeMother, swapFrom, unlink } from "../core/tracks";
import type { Transaction } from "../core/transaction";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { needSelected } from "./label-commands";

/** `t` left out: the frame that is shown. `cell`, `cells` left out: those that are selected. */
export type TrackCommand =
  /** The cell of frame t continues `before`; left out: the one that lies most under it in the frame before. */
  | { readonly kind: "track.link"; readonly cell?: number; readonly before?: number; readonly t?: number }
  /** The cell here continues the selected one; with none selected it is a click that selects. */
  | { readonly kind: "track.link-at"; readonly at: Point }
  /** From frame t on it is a new cell. */
  | { readonly kind: "track.unlink"; readonly cell?: number; readonly t?: number }
  /** A person says that this link is right: the cell of frame t is `from_cell` of frame `from_t`, or its daughter. */
  | { readonly kind: "track.confirm"; readonly t: number; readonly cell: number; readonly from_t: number; readonly from_cell: number }
  /** Two cells exchange their numbers from frame t on. */
  | { readonly kind: "track.swap"; readonly a: number; readonly b: number; readonly t?: number }
  | { readonly kind: "track.reassign"; readonly cell?: number; readonly to: number | "new"; readonly scope?: Scope; readonly t?: number }
  /** The mother has become the daughters in frame t; she herself is one where she is still there. */
  | { readonly kind: "track.divide"; readonly mother: number; readonly daughters: readonly number[]; readonly t?: number }
  /** The cell here is a daughter of the selected one; with none selected it is a click that selects. */
  | { readonly kind: "track.daughter-at"; readonly at: Point }
  | { readonly kind: "track.remove-mother"; readonly cells?: readonly number[] }
  /** The tracks `from`, in other frames than `into`, become parts of it. */
  | { readonly kind: "track.merge"; readonly into: number; readonly from: readonly number[] }
  /** A cell that is lost in frame t is copied there from the nearest earlier frame that has it. */
  | { readonly kind: "track.insert"; readonly cell?: number; readonly t?: number }
  /** They end by being taken up by another; null: they do not. */
  | { readonly kind: "track.fuse"; readonly cells?: readonly number[]; readonly into: number | null }
  /** Why they end; null: nobody says. */
  | { readonly kind: "track.ending"; readonly cells?: readonly number[]; readonly ending: Ending | null };

type Of<K extends TrackCommand["kind"]> = Extract<TrackCommand, { kind: K }>;

const frameOf = (desk: Desk, t: number | undefined): number => t ?? desk.outlook.t;

const selectedOne = (desk: Desk, cell: number | undefined): number => cell ?? needSelected(desk)[0];

/** One edit, then these cells are selected. */
function run(desk: Desk, tool: string, write: (tx: Transaction) => readonly number[] | undefined): void {
  desk.needEditable();
  let selected: readonly number[] | undefined;
  const edit = desk.session.run(tool, (tx) => {
    selected = write(tx);
  });
  if (edit && selected) desk.set({ selected });
  desk.made(edit);
}

const takeOf = (desk: Desk) => (): number => desk.takeId();

// ---------------------------------------------------------------- link, cut, swap

function linkCell(desk: Desk, command: Of<"track.link">): void {
  const t = frameOf(desk, command.t);
  const { selected } = desk.outlook;
  const here = (cell: number): boolean => desk.store.isIn(cell, t);
  const cell = command.cell ?? needSelected(desk).find(here);
  if (cell === undefined) throw new Refused("None of the selected cells is in this frame; select the cell here that is to be linked.");
  const before = command.before ?? (command.cell === undefined ? selected.find((one) => one !== cell) : undefined);
  if (before !== undefined) {
    join(desk, cell, before, t);
    return;
  }
  if (t === 0) throw new Refused("This is the first frame; there is none before it to link to.");
  const z = desk.outlook.z;
  desk.withFrames([{ t: t - 1, z, cells: [] }, { t, z, cells: [cell] }], () => join(desk, cell, nearest(desk, cell, t, z), t));
}

function join(desk: Desk, cell: number, before: number, t: number): void {
  run(desk, "link", (tx) => {
    link(tx, cell, before, t, takeOf(desk));
    return [before];
  });
}

/** The cell of the frame before on which most of this one lies. */
function nearest(desk: Desk, cell: number, t: number, z: number): number {
  const [past, now] = [desk.store.frame(t - 1, z), desk.store.frame(t, z)];
  const mine = now?.lineOf(cell) ?? [];
  const shared = (other: number): number => sizeOf(intersection(mine, past?.lineOf(other) ?? []));
  const best = candidates(past, now, cell).map((other) => ({ other, shared: shared(other) })).sort((a, b) => b.shared - a.shared)[0];
  if (!best || best.shared === 0) throw new Refused("No cell of the frame before lies under this one; select that cell first, then go on to this frame and link.");
  return best.other;
}

const sizeOf = (line: readonly number[]): number => line.reduce((sum, at, i) => sum + (i % 2 === 0 ? -at : at), 0);

/** Cells of the frame before in the tiles of this one. */
function candidates(past: FrameLabels | undefined, now: FrameLabels | undefined, cell: number): number[] {
  const tiles = now?.tilesOf(cell) ?? [];
  const ids = tiles.flatMap((key) => [...(past?.tile(key)?.content.ids ?? [])]);
  return [...new Set(ids)].filter((other) => other !== cell);
}

function linkAt(desk: Desk, { at }: Of<"track.link-at">): void {
  const cell = cellAt(desk, at);
  const [before] = desk.outlook.selected;
  const { t } = desk.outlook;
  const chosen = before !== undefined && before !== cell && desk.store.framesOf(before).some((frame) => frame < t);
  if (cell === undefined || !chosen) desk.set({ selected: cell === undefined ? [] : [cell] });
  else join(desk, cell, before, t);
}

const cellAt = (desk: Desk, at: Point): number | undefined => desk.cellsAt(Math.floor(at.x), Math.floor(at.y))[0];

function cut(desk: Desk, command: Of<"track.unlink">): void {
  run(desk, "unlink", (tx) => [unlink(tx, selectedOne(desk, command.cell), frameOf(desk, command.t), takeOf(desk))]);
}

/** The words of the server's log: a link goes from the earlier cell to the later one. */
function confirm(desk: Desk, { t, cell, from_t, from_cell }: Of<"track.confirm">): void {
  desk.needEditable();
  desk.made(desk.session.say("link.confirm", { t: from_t, cell: from_cell, to_t: t, to_cell: cell }));
}

function swap(desk: Desk, { a, b, t }: Of<"track.swap">): void {
  run(desk, "swap", (tx) => {
    swapFrom(tx, a, b, frameOf(desk, t));
    return undefined;
  });
}

function give(desk: Desk, { cell, to, scope, t }: Of<"track.reassign">): void {
  run(desk, "reassign", (tx) => [
    reassign(tx, selectedOne(desk, cell), to, scope ?? desk.outlook.toolOptions.scope, frameOf(desk, t), takeOf(desk)),
  ]);
}

function merge(desk: Desk, { into, from }: Of<"track.merge">): void {
  run(desk, "merge-tracks", (tx) => {
    mergeTracks(tx, into, from);
    return [into];
  });
}

// ---------------------------------------------------------------- divisions and ends

function divideCell(desk: Desk, { mother, daughters, t }: Of<"track.divide">): void {
  run(desk, "divide", (tx) => divide(tx, mother, daughters, frameOf(desk, t), takeOf(desk)));
}

function daughterAt(desk: Desk, { at }: Of<"track.daughter-at">): void {
  const cell = cellAt(desk, at);
  const [mother] = desk.outlook.selected;
  const { t } = desk.outlook;
  const isMother = mother !== undefined && desk.store.framesOf(mother).some((frame) => frame < t);
  if (cell === undefined || !isMother) {
    desk.set({ selected: cell === undefined ? [] : [cell] });
    return;
  }
  run(desk, "divide", (tx) => {
    divide(tx, mother, cell === mother ? [] : [cell], t, takeOf(desk));
    return [mother];
  });
}

function orphan(desk: Desk, { cells }: Of<"track.remove-mother">): void {
  run(desk, "remove-mother", (tx) => {
    removeMother(tx, cells ?? needSelected(desk));
    return undefined;
  });
}

function fuseCells(desk: Desk, { cells, into }: Of<"track.fuse">): void {
  run(desk, "fuse", (tx) => {
    fuse(tx, cells ?? needSelected(desk), into);
    return undefined;
  });
}

function sayEnding(desk: Desk, { cells, ending }: Of<"track.ending">): void {
  run(desk, "ending", (tx) => {
    changeFacts(tx, cells ?? needSelected(desk), ending === null ? { ending } : { ending, merged_into: null });
    return undefined;
  });
}

// ---------------------------------------------------------------- lost cells

function insert(desk: Desk, command: Of<"track.insert">): void {
  const [cell, t] = [selectedOne(desk, command.cell), frameOf(desk, command.t)];
  const { z } = desk.outlook;
  if (desk.store.isIn(cell, t)) throw new Refused(`Cell ${cell} is in frame ${t} already.`);
  const earlier = desk.store.framesOf(cell).filter((frame) => frame < t).at(-1);
  if (earlier === undefined) throw new Refused(`Cell ${cell} has no pixel in an earlier frame to copy from.`);
  desk.withFrames([{ t: earlier, z, cells: [cell] }, { t, z, cells: [] }], ([from, to]) => {
    run(desk, "insert", (tx) => {
      const written = copyCells(tx, from, to, [cell], { mode: desk.outlook.toolOptions.writeMode, overwrites: false });
      if (written === 0) throw new Refused("Every pixel there belongs to another cell, and the write mode keeps other cells; choose overwrite or overlap.");
      return [cell];
    });
  });
}

export const TRACK_DOERS: Doers<TrackCommand> = {
  "track.link": linkCell,
  "track.link-at": linkAt,
  "track.unlink": cut,
  "track.confirm": confirm,
  "track.swap": swap,
  "track.reassign": give,
  "track.divide": divideCell,
  "track.daughter-at": daughterAt,
  "track.remove-mother": orphan,
  "track.merge": merge,
  "track.insert": insert,
  "track.fuse": fuseCells,
  "track.ending": sayEnding,
};
