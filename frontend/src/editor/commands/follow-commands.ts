/** A cell followed from frame to frame: found again where it was lost, or clicked forward under one number. */
import type { Point } from "../core/geometry";
import { Refused } from "../core/operations";
import { boundsOf } from "../core/runs";
import { promptingOf } from "../prompting/prompting";
import type { FramePlace } from "../reading/frame-reader";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { needSelected } from "./label-commands";
import { motionBetween } from "./motion-between";
import { PROMPT_DOERS } from "./prompt-commands";
import { TRACK_DOERS } from "./track-commands";

export type FollowCommand =
  /** Segments the selected cell in a small box where it must be: in this frame, or in the next when it is here. A proposal. */
  | { readonly kind: "cell.find"; readonly cell?: number }
  /** What is clicked is the selected cell; the next frame comes by itself. With none selected, the cell here is chosen. */
  | { readonly kind: "follow.click"; readonly at: Point };

type Of<K extends FollowCommand["kind"]> = Extract<FollowCommand, { kind: K }>;

/** Room around the cell, of its own size: it moves and grows. */
const ROOM_SHARE = 0.12;
const LEAST_ROOM_PX = 2;
/** Keys of clicks that are followed stand apart from those of the tool that segments. */
let keys = -1;

// ------------------------------------------------------------ found again

function find(desk: Desk, command: Of<"cell.find">): void {
  const here = desk.needEditable();
  const cell = command.cell ?? needSelected(desk)[0];
  const there = here.has(cell) ? { t: here.t + 1, z: here.z } : { t: here.t, z: here.z };
  if (there.t >= desk.document.size.t) throw new Refused("This is the last frame; there is none after it.");
  const earlier = desk.store.framesOf(cell).filter((t) => t < there.t).at(-1);
  if (earlier === undefined) throw new Refused(`Cell ${cell} has no pixel in an earlier frame; it is looked for where it was last.`);
  const from: FramePlace = { t: earlier, z: here.z };
  desk.withFrames([from, there], ([source, target]) => {
    if (target.has(cell)) throw new Refused(`Cell ${cell} is in frame ${there.t} already.`);
    if (!source.has(cell)) throw new Refused(`Cell ${cell} has no pixel in this plane of frame ${earlier}.`);
    desk.later(findAt(desk, cell, source.runsOf(cell), from, there));
  });
}

/** The box goes where the picture has moved; the net says what is in it. */
async function findAt(desk: Desk, cell: number, runs: readonly number[], from: FramePlace, there: FramePlace): Promise<void> {
  const { dy, dx } = await motionBetween(desk, runs, from, there);
  const bounds = boundsOf(runs);
  if (!bounds) return;
  desk.set({ t: there.t, z: there.z, selected: [cell], draft: null });
  const room = Math.max(LEAST_ROOM_PX, ROOM_SHARE * Math.max(bounds.y_max - bounds.y_min + 1, bounds.x_max - bounds.x_min + 1));
  const corner = (y: number, x: number): Point => ({ y: y + dy, x: x + dx });
  desk.withFrames([there], () =>
    PROMPT_DOERS["prompt.box"](desk, {
      kind: "prompt.box",
      from: corner(bounds.y_min - room, bounds.x_min - room),
      to: corner(bounds.y_max + 1 + room, bounds.x_max + 1 + room),
      drawing: false,
    }),
  );
}

// ------------------------------------------------------------ clicked forward

function click(desk: Desk, { at }: Of<"follow.click">): void {
  const frame = desk.needEditable();
  const under = desk.cellsAt(Math.floor(at.x), Math.floor(at.y));
  const [cell] = desk.outlook.selected;
  if (cell === undefined) {
    if (under.length === 0) throw new Refused("Click the cell that is to be followed first; then click it in frame after frame.");
    goOn(desk, under[0]);
  } else if (under.includes(cell)) goOn(desk, cell);
  else if (under.length > 0) take(desk, cell, under[0], frame.t);
  else desk.later(segment(desk, cell, at, frame));
}

/** The cell here becomes the one that is followed, with what comes after it. */
function take(desk: Desk, cell: number, here: number, t: number): void {
  if (!desk.store.framesOf(cell).some((frame) => frame < t)) throw new Refused(`Cell ${cell} has no pixel before frame ${t}; it is followed from its first frame on.`);
  TRACK_DOERS["track.link"](desk, { kind: "track.link", cell: here, before: cell, t });
  goOn(desk, cell);
}

/** Nothing is outlined there yet: a mask is made of the click. */
async function segment(desk: Desk, cell: number, at: Point, { t, z }: FramePlace): Promise<void> {
  const ask = { key: keys--, prompt: { clicks: [{ y: at.y, x: at.x, sign: 1 as const }], box: null } };
  const { runs } = await promptingOf(desk.document).answer(desk, ask, () => undefined);
  if (desk.outlook.t !== t || desk.outlook.z !== z || desk.outlook.tool !== "follow") return; // the person has gone on
  if (runs.length === 0) throw new Refused("Nothing was found there; click another place on the cell, or draw it.");
  const edit = desk.session.run("follow", (tx) => {
    tx.ensure(cell);
    if (tx.on(t, z).paintRuns(cell, desk.outlook.toolOptions.writeMode, runs) > 0) return;
    throw new Refused("Every pixel there belongs to another cell, and the write mode keeps other cells; click on that cell, or choose overwrite or overlap.");
  });
  desk.made(edit);
  goOn(desk, cell);
}

function goOn(desk: Desk, cell: number): void {
  desk.set({ selected: [cell], t: Math.min(desk.outlook.t + 1, desk.document.size.t - 1) });
}

export const FOLLOW_DOERS: Doers<FollowCommand> = { "cell.find": find, "follow.click": click };
