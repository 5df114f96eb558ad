/** Small pictures for tests: cells as letters. Used by tests only. */
import type { Edit } from "./edit";
import { NO_FACTS } from "./edit";
import type { FrameLabels } from "./frame-labels";
import type { Frame } from "./frame";
import { TILE_PX } from "./geometry";
import { LabelSession } from "./label-session";
import { LabelStore } from "./label-store";
import { runsOfMask } from "./runs";
import { Transaction } from "./transaction";

export const EMPTY_FRAME: Frame = { head: 0, tiles: [] };

/** `a` is cell 1, `b` cell 2, …; `.` is nothing; a capital letter is that cell lying over the previous letter's. */
export const cellOf = (letter: string): number => (letter === "." ? 0 : letter.charCodeAt(0) - 96);
export const letterOf = (cells: readonly number[]): string =>
  cells.length === 0 ? "." : cells.length > 1 ? "#" : String.fromCharCode(96 + cells[0]);

export const rowsOf = (text: string): string[] => text.trim().split("\n").map((line) => line.trim());

let made = 0;
export const nextId = (): string => `00000000-0000-4000-8000-${String(++made).padStart(12, "0")}`;

export interface World {
  readonly store: LabelStore;
  readonly session: LabelSession;
  readonly frame: FrameLabels;
}

/** A document of one empty plane (or several along t and z). */
export function worldOf(height: number, width: number, frames = 1, planes = 1): World {
  const store = new LabelStore({ t: frames, z: planes, height, width });
  for (let t = 0; t < frames; t++) for (let z = 0; z < planes; z++) store.setFrame(t, z, EMPTY_FRAME);
  return worldAround(store);
}

function worldAround(store: LabelStore): World {
  const frame = store.frame(0, 0);
  if (!frame) throw new Error("no frame");
  return { store, session: new LabelSession(store, nextId), frame };
}

/** A document of one frame, drawn in letters; `at` moves the picture, for instance over a tile border. */
export function pictureWorld(text: string, at = { y: 0, x: 0 }): World {
  const rows = rowsOf(text);
  const world = worldOf(at.y + rows.length, at.x + rows[0].length);
  const tx = new Transaction(world.store);
  const values = rows.flatMap((row) => [...row].map(cellOf));
  for (const cell of new Set(values.filter((value) => value > 0))) {
    tx.setFacts(cell, NO_FACTS);
    const mask = values.map((value) => Number(value === cell));
    tx.on(0, 0).paintRuns(cell, "overlap", runsOfMask(mask, rows[0].length, at.y, at.x));
  }
  tx.commit(nextId(), "draw");
  return world;
}

/** The frame in letters; `#` where cells overlap. */
export function drawn(frame: FrameLabels, at = { y: 0, x: 0 }): string {
  const rows: string[] = [];
  for (let y = at.y; y < frame.height; y++) {
    let row = "";
    for (let x = at.x; x < frame.width; x++) row += letterOf(frame.cellsAt(x, y));
    rows.push(row);
  }
  return rows.join("\n");
}

export const tidy = (text: string): string => rowsOf(text).join("\n");

/** The slow and obvious twin: a set of pixels for each cell. */
export type NaiveLabels = Map<number, Set<number>>;

export function naiveOf(frame: FrameLabels): NaiveLabels {
  const naive: NaiveLabels = new Map();
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      for (const cell of frame.cellsAt(x, y)) {
        naive.set(cell, (naive.get(cell) ?? new Set()).add(y * frame.width + x));
      }
    }
  }
  return naive;
}

export function naiveApply(labels: NaiveLabels, edit: Edit, width: number): void {
  for (const p of edit.pixels) {
    const pixels = labels.get(p.cell) ?? new Set<number>();
    for (const i of flatOf(p.remove, width)) pixels.delete(i);
    for (const i of flatOf(p.add, width)) pixels.add(i);
    if (pixels.size > 0) labels.set(p.cell, pixels);
    else labels.delete(p.cell);
  }
}

export function flatOf(runs: readonly number[], width: number): number[] {
  const flat: number[] = [];
  for (let i = 0; i < runs.length; i += 3) {
    for (let n = 0; n < runs[i + 2]; n++) flat.push(runs[i] * width + runs[i + 1] + n);
  }
  return flat;
}

/** Repeatable numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const TILE = TILE_PX;
