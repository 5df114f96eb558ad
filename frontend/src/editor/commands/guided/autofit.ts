/** Fits the outlines of the selected cells to the edges near them. */
import { componentsOf } from "@/editor/core/components";
import type { FrameLabels } from "@/editor/core/frame-labels";
import { Refused } from "@/editor/core/refused";
import { areaOf, difference, lineOfRuns, runsOfLine, union } from "@/editor/core/runs";
import type { Runs } from "@/editor/core/runs";
import { drawnIn, windowOf } from "@/editor/core/window";
import { askCraft } from "@/editor/workers/craft-client";
import type { Desk } from "../desk";
import { Gesture } from "./gesture";
import { barredIn, lookAtEach, needUnlocked } from "./looking";

export interface AutofitCommand {
  readonly kind: "cell.autofit";
  /** Default: the selected cells. */
  readonly cells?: readonly number[];
}

/** Pixels around the reach, so that an edge at its end is seen from both sides. */
const ROOM_PX = 3;
/** At once; each is quick, thousands are not. */
const MOST_CELLS = 500;

export function autofit(desk: Desk, command: AutofitCommand): void {
  const frame = desk.needEditable();
  const cells = (command.cells ?? desk.outlook.selected).filter((cell) => frame.has(cell));
  if (cells.length === 0) throw new Refused("No cell is selected; click one first.");
  if (cells.length > MOST_CELLS) throw new Refused(`Choose at most ${MOST_CELLS} cells to fit at once.`);
  needUnlocked(desk, ...cells);
  const gesture = new Gesture(desk, "autofit");
  const hint = cells.length === 1 ? `Fitting cell ${cells[0]} …` : `Fitting ${cells.length} cells …`;
  desk.set({ draft: { tool: "autofit", shapes: [], proposals: [], hint: `${hint} Esc stops.`, waiting: true } });
  desk.later(fitAll(desk, frame, cells, gesture));
}

/** Esc, another frame or another gesture meanwhile: nothing is written. */
async function fitAll(desk: Desk, frame: FrameLabels, cells: readonly number[], gesture: Gesture): Promise<void> {
  try {
    const found = await Promise.all(cells.map((cell) => fitted(desk, frame, cell)));
    if (!gesture.isAlive) return;
    if (found.some(({ cell, before }) => String(frame.runsOf(cell)) !== String(before))) {
      throw new Refused("The labels were changed while the outline was fitted; fit it again.");
    }
    write(desk, frame, found);
  } finally {
    if (gesture.isAlive) desk.set({ draft: null });
  }
}

interface Fit {
  readonly cell: number;
  readonly before: Runs;
  /** Null: no edge was found. */
  readonly after: Runs | null;
}

/** The largest piece is fitted; the others stay. */
async function fitted(desk: Desk, frame: FrameLabels, cell: number): Promise<Fit> {
  const { autofitReach_px, autofitOffset_px, autofitStiffness, smoothing_px } = desk.outlook.toolOptions;
  const before = frame.runsOf(cell);
  const pieces = componentsOf(before).sort((a, b) => areaOf(b) - areaOf(a));
  const { x: width, y: height } = desk.document.size;
  const box = windowOf(pieces[0], autofitReach_px + ROOM_PX, { width, height });
  if (!box) return { cell, before, after: null };
  const { channels, rect } = await lookAtEach(desk, { x0: box.x, y0: box.y, x1: box.x + box.width, y1: box.y + box.height });
  const fit = await askCraft("autofit", {
    channels, mask: drawnIn(pieces[0], rect).data, forbidden: barredIn(desk, frame, rect, cell),
    reach_px: autofitReach_px, smoothing_px: smoothing_px / 2, stiffness: autofitStiffness, offset_px: autofitOffset_px,
  });
  if (!fit?.runs) return { cell, before, after: null };
  const moved = fit.runs.map((value, i) => value + (i % 3 === 0 ? rect.y0 : i % 3 === 1 ? rect.x0 : 0));
  return { cell, before, after: [moved, ...pieces.slice(1)].reduce((all: Runs, runs) => runsOfLine(union(lineOfRuns(all), lineOfRuns(runs))), []) };
}

function write(desk: Desk, frame: FrameLabels, found: readonly Fit[]): void {
  if (found.every(({ after }) => after === null)) throw new Refused("No edge was found near the outline; raise autofit's reach, or choose another channel to look at.");
  const { writeMode } = desk.outlook.toolOptions;
  const edit = desk.session.run("autofit", (tx) => {
    const writer = tx.on(frame.t, frame.z);
    for (const { cell, before, after } of found) {
      if (after === null) continue;
      const [old, now] = [lineOfRuns(before), lineOfRuns(after)];
      writer.eraseRuns(cell, runsOfLine(difference(old, now)));
      writer.paintRuns(cell, writeMode, runsOfLine(difference(now, old)));
    }
  });
  if (!edit) throw new Refused("The outline lies on its edges already.");
  desk.made(edit);
}
