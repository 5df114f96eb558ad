/** Commands over planes and frames: copies, interpolation, propagation. */
import type { Draft, Proposal } from "../door";
import { clamp } from "../core/geometry";
import type { FrameLabels } from "../core/frame-labels";
import { between, gapAt, moved } from "../core/interpolation";
import { Refused, copyCells } from "../core/operations";
import type { Runs } from "../core/runs";
import type { FramePlace } from "../reading/frame-reader";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { FOLLOW_DOERS } from "./follow-commands";
import type { FollowCommand } from "./follow-commands";
import { needSelected } from "./label-commands";
import { motionBetween } from "./motion-between";

export type SeriesCommand =
  | FollowCommand
  /** The selected cells (or these), as they are here, into the frame so many steps away; the view goes along. */
  | { readonly kind: "cell.copy"; readonly by_t?: number; readonly by_z?: number; readonly cells?: readonly number[] }
  /** Proposals for the gap at the present plane; along z where there are planes, else along t. */
  | { readonly kind: "cell.interpolate"; readonly along?: "z" | "t"; readonly cells?: readonly number[] }
  /** Proposals for the next frames, moved as the picture moves. */
  | { readonly kind: "cell.propagate"; readonly frames?: number; readonly cells?: readonly number[] };

type Of<K extends SeriesCommand["kind"]> = Extract<SeriesCommand, { kind: K }>;

// ------------------------------------------------------------ copy

function copy(desk: Desk, { by_t = 0, by_z = 0, cells: named }: Of<"cell.copy">): void {
  const here = desk.needEditable();
  const cells = drawnHere(here, named ?? needSelected(desk));
  const there = { t: here.t + by_t, z: here.z + by_z };
  needPlace(desk, there);
  desk.withFrames([there], ([to]) => {
    const { writeMode: mode, copyOverwrites: overwrites } = desk.outlook.toolOptions;
    const edit = desk.session.run("copy", (tx) => {
      if (copyCells(tx, here, to, cells, { mode, overwrites }) > 0) return;
      throw new Refused("Every pixel there belongs to another cell, and the write mode keeps other cells; choose overwrite or overlap.");
    });
    desk.made(edit);
    desk.set(there);
  });
}

function needPlace({ document: { size } }: Desk, { t, z }: FramePlace): void {
  if (t < 0 || t >= size.t) throw new Refused(t < 0 ? "This is the first frame; there is none before it." : "This is the last frame; there is none after it.");
  if (z < 0 || z >= size.z) throw new Refused(z < 0 ? "This is the lowest plane; there is none below it." : "This is the highest plane; there is none above it.");
}

function drawnHere(frame: FrameLabels, cells: readonly number[]): readonly number[] {
  const here = cells.filter((cell) => frame.has(cell));
  if (here.length === 0) throw new Refused(cells.length === 1 ? `Cell ${cells[0]} has no pixel in this frame.` : "None of the selected cells has a pixel in this frame.");
  return here;
}

// ------------------------------------------------------------ interpolation

/** So many planes up and down are read in search of the cell. */
const REACH_PLANES = 32;

function interpolate(desk: Desk, { along, cells: named }: Of<"cell.interpolate">): void {
  const { t, z } = desk.needEditable();
  const cells = named ?? needSelected(desk);
  const axis = along ?? (desk.document.size.z > 1 ? "z" : "t");
  const now = axis === "z" ? z : t;
  const [first, last] = [Math.max(0, now - REACH_PLANES), Math.min(desk.document.size[axis] - 1, now + REACH_PLANES)];
  const places = Array.from({ length: last - first + 1 }, (_, i) => (axis === "z" ? { t, z: first + i } : { t: first + i, z }));
  desk.withFrames(places, (frames) => {
    const found = cells.flatMap((cell) => proposalsBetween(frames, now - first, cell));
    if (found.length === 0) throw new Refused(nothingBetween(cells, axis));
    show(desk, draftOf("interpolate", found));
  });
}

const nothingBetween = (cells: readonly number[], axis: "z" | "t"): string => {
  const places = axis === "z" ? "planes" : "frames";
  const who = cells.length === 1 ? `Cell ${cells[0]} has` : "The selected cells have";
  return `${who} no gap between two ${places} here; draw on two ${places} with some between them, and stand between or on them.`;
};

/** In the gap that holds the present frame, or, when the cell is here, the next one up, or down. */
function proposalsBetween(frames: readonly FrameLabels[], now: number, cell: number): Omit<Proposal, "key">[] {
  const gap = gapAt(frames.map((frame) => frame.has(cell)), now);
  if (!gap) return [];
  const [a, b] = gap.map((i) => frames[i].runsOf(cell));
  return frames.slice(gap[0] + 1, gap[1]).map(({ t, z }, i) => ({ t, z, cell, runs: between(a, b, (i + 1) / (gap[1] - gap[0])) }));
}

// ------------------------------------------------------------ propagation

const MOST_CELLS = 200;

function propagate(desk: Desk, command: Of<"cell.propagate">): void {
  const here = desk.needEditable();
  const cells = drawnHere(here, command.cells ?? needSelected(desk));
  if (cells.length > MOST_CELLS) throw new Refused(`No more than ${MOST_CELLS} cells are followed at once; ${cells.length} are selected.`);
  needPlace(desk, { t: here.t + 1, z: here.z });
  const count = clamp(command.frames ?? desk.outlook.toolOptions.propagateFrames, 1, desk.document.size.t - 1 - here.t);
  const places = Array.from({ length: count }, (_, i) => ({ t: here.t + 1 + i, z: here.z }));
  desk.withFrames(places, (frames) => desk.later(follow(desk, here, cells, frames)));
}

/** The shape goes from frame to frame; a frame where the cell is drawn already is passed over, or replaced when asked. */
async function follow(desk: Desk, here: FrameLabels, cells: readonly number[], frames: readonly FrameLabels[]): Promise<void> {
  const waiting: Draft = { tool: "propagate", shapes: [], proposals: [], hint: "Following the cells through the next frames…", waiting: true };
  desk.set({ draft: waiting });
  const overwrites = desk.outlook.toolOptions.copyOverwrites;
  const found = await Promise.all(cells.map((cell) => followOne(desk, here, cell, frames, overwrites)));
  if (desk.outlook.draft !== waiting) return; // cancelled meanwhile
  desk.set({ draft: null });
  const proposals = found.flat().sort((a, b) => a.t - b.t);
  if (proposals.length === 0) throw new Refused("The cells have pixels in all these frames already; let copies replace what is there, or go to the last one.");
  show(desk, draftOf("propagate", proposals));
}

async function followOne(desk: Desk, here: FrameLabels, cell: number, frames: readonly FrameLabels[], overwrites: boolean): Promise<Omit<Proposal, "key">[]> {
  const proposals: Omit<Proposal, "key">[] = [];
  let [runs, at]: [Runs, FramePlace] = [here.runsOf(cell), here];
  for (const frame of frames) {
    const { dy, dx, likeness } = await motionBetween(desk, runs, at, frame);
    runs = moved(runs, dy, dx, frame);
    if (runs.length === 0) break; // it has left the image
    const there = frame.runsOf(cell);
    if (there.length > 0 && !overwrites) runs = there;
    else proposals.push({ t: frame.t, z: frame.z, cell, runs, quality: clamp(likeness, 0, 1), ...(there.length > 0 && { takes: new Map([[cell, there]]) }) });
    at = frame;
  }
  return proposals;
}

// ------------------------------------------------------------ proposals

const draftOf = (tool: "interpolate" | "propagate", proposals: readonly Omit<Proposal, "key">[]): Draft => ({
  tool,
  shapes: [],
  proposals: proposals.map((proposal, key) => ({ ...proposal, key })),
  hint: "Enter accepts all; Y accepts and U rejects the frame that is shown; Esc drops the rest.",
  waiting: false,
});

/** The view goes to the nearest proposal, so that it is seen before it is accepted. */
function show(desk: Desk, draft: Draft): void {
  const { t, z } = desk.outlook;
  const away = (p: Proposal): number => Math.abs(p.t - t) + Math.abs(p.z - z);
  const nearest = draft.proposals.reduce((best, p) => (away(p) < away(best) ? p : best));
  desk.set({ draft, t: nearest.t, z: nearest.z });
}

export const SERIES_DOERS: Doers<SeriesCommand> = { "cell.copy": copy, "cell.interpolate": interpolate, "cell.propagate": propagate, ...FOLLOW_DOERS };
