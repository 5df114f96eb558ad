/** Whatever a person may do to labels, at random but repeatably. Used by tests only. */
import type { Edit } from "./edit";
import { PLAIN_FILL, fillAt } from "./filling";
import { RegionTooLarge } from "./flood";
import type { FrameLabels } from "./frame-labels";
import type { WriteMode } from "./frame-writer";
import type { Point } from "./geometry";
import type { LabelSession } from "./label-session";
import type { LabelStore } from "./label-store";
import { changeFacts, copyCells, deleteCells, mergeCells, reassignCell, swapCells } from "./operations";
import { Refused } from "./refused";
import { reshapeCells } from "./reshaping";
import type { Reshape } from "./reshaping";
import { cutByLine, cutByLoop, splitCell } from "./splitting";

const CLASS = "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a11";
const MODES: readonly WriteMode[] = ["keep", "overwrite", "overlap"];

/** What a gesture draws from. */
interface Draw {
  readonly session: LabelSession;
  readonly store: LabelStore;
  readonly frame: FrameLabels;
  readonly other: FrameLabels;
  readonly cells: readonly number[];
  whole(below: number): number;
  chance(share: number): boolean;
  point(): Point;
  /** Not far from another. */
  near(point: Point): Point;
  some(): number;
  mode(): WriteMode;
}

type Gesture = (draw: Draw) => Edit | null;

const brush: Gesture = ({ session, store, frame: { t, z }, chance, some, mode, whole, point, near }) => {
  const [cell, at] = [chance(0.4) ? store.facts.top + 1 : some(), point()];
  session.beginStroke(t, z, { kind: "brush", cell, mode: mode(), diameter_px: 1 + whole(24) }, at);
  session.extendStroke([near(at), near(at)]);
  return session.endStroke();
};

const erase: Gesture = ({ session, frame: { t, z }, chance, some, whole, point, near }) => {
  const at = point();
  session.beginStroke(t, z, { kind: "eraser", cell: chance(0.5) ? null : some(), diameter_px: 1 + whole(24) }, at);
  session.extendStroke([near(at)]);
  return session.endStroke();
};

const merge: Gesture = ({ session, frame, some, chance, mode }) => {
  const [into, a, b] = [some(), some(), some()];
  const heirs = new Map([a, b].filter((cell) => cell !== into).map((cell) => [cell, into]));
  return session.run("merge", (tx) => mergeCells(tx, [frame], into, [a, b], { fillsHoles: chance(0.5), bridge_px: 4, mode: mode() }), heirs);
};

const reshape: Gesture = ({ session, frame, some, mode, whole }) => {
  const by_px = 1 + whole(3);
  const shapes: readonly Reshape[] = [
    { kind: "grow", by_px }, { kind: "shrink", by_px }, { kind: "smooth", by: "median", by_px }, { kind: "smooth", by: "opening-closing", by_px },
    { kind: "hull" }, { kind: "trim" }, { kind: "fill-holes" }, { kind: "remove-small", smallest_px: 20 },
  ];
  return session.run("reshape", (tx) => reshapeCells(tx, frame, [some()], shapes[whole(shapes.length)], mode()));
};

const cut: Gesture = ({ session, store, frame, some, chance, point }) => {
  const cell = some();
  const path = [point(), point(), point()];
  const split = chance(0.5) ? cutByLine(frame.runsOf(cell), path) : cutByLoop(frame.runsOf(cell), path);
  return split && session.run("cut", (tx) => splitCell(tx, frame, cell, split, store.facts.top + 1));
};

const facts: Gesture = ({ session, store, some, chance, whole }) => {
  const cell = some();
  const locked = store.facts.get(cell)?.locked ?? false;
  const changes = [{ class: chance(0.5) ? CLASS : null }, { ignored: chance(0.5) }, { mother: some() }, { locked: chance(0.2) }, { channel: chance(0.3) ? 1 : null }, { quality: chance(0.5) ? 0.5 : null }];
  return session.run("facts", (tx) => changeFacts(tx, [cell], locked ? { locked: false } : changes[whole(changes.length)]));
};

const GESTURES: readonly Gesture[] = [
  brush, brush, brush, erase, merge, reshape, reshape, cut, facts,
  ({ session, store, some }) => session.run("delete", (tx) => deleteCells(tx, [...store.frames()], [some()])),
  ({ session, frame, some }) => session.run("swap", (tx) => swapCells(tx, [frame], some(), some())),
  ({ session, store, frame, some }) => session.run("reassign", (tx) => reassignCell(tx, [frame], some(), store.facts.top + 1)),
  ({ session, frame, other, some, mode }) => session.run("copy", (tx) => { copyCells(tx, frame, other, [some()], { mode: mode(), overwrites: true }); }),
  ({ session, frame, some, mode, point }) => session.run("fill", (tx) => fillAt(tx, [frame], 0, Math.floor(point().x), Math.floor(point().y), some(), { ...PLAIN_FILL, mode: mode() })),
];

/** One gesture over tools, frames and facts; what makes no sense is refused and changes nothing: null. */
export function randomGesture({ store, session }: { readonly store: LabelStore; readonly session: LabelSession }, random: () => number): Edit | null {
  const whole = (below: number): number => Math.floor(random() * below);
  const frames = [...store.frames()];
  const cells = store.facts.entries().map(([cell]) => cell);
  const draw: Draw = {
    session, store, cells, whole,
    frame: frames[whole(frames.length)],
    other: frames[whole(frames.length)],
    chance: (share) => random() < share,
    point: () => ({ x: random() * store.size.width, y: random() * store.size.height }),
    near: ({ x, y }) => ({ x: x + (random() - 0.5) * 40, y: y + (random() - 0.5) * 40 }),
    some: () => cells[whole(cells.length)] ?? 1,
    mode: () => MODES[whole(MODES.length)],
  };
  try {
    return GESTURES[whole(GESTURES.length)](draw);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof RegionTooLarge)) throw error;
    session.cancel();
    return null;
  }
}
