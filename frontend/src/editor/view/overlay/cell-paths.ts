/** Sets of pixels as paths along pixel edges, made once and drawn at any zoom. */
import type { FrameLabels } from "@/editor/core/frame-labels";
import type { Point } from "@/editor/core/geometry";
import { outlineOf } from "@/editor/core/outline";
import { boundsOf } from "@/editor/core/runs";
import type { Runs } from "@/editor/core/runs";
import type { Bounds } from "@/editor/core/geometry";

export interface CellPath {
  /** In image px from `origin`; holes are rings of their own: fill it by the even-odd rule. */
  readonly path: Path2D;
  readonly origin: Point;
  readonly bounds: Bounds;
}

export function pathOfRuns(runs: Runs): CellPath | null {
  const bounds = boundsOf(runs);
  if (!bounds) return null;
  const origin = { x: bounds.x_min, y: bounds.y_min };
  const path = new Path2D();
  for (const ring of outlineOf(runs)) addRing(path, ring, origin);
  return { path, origin, bounds };
}

function addRing(path: Path2D, ring: readonly number[], { x, y }: Point): void {
  for (let i = 0; i < ring.length; i += 2) {
    if (i === 0) path.moveTo(ring[0] - x, ring[1] - y);
    else path.lineTo(ring[i] - x, ring[i + 1] - y);
  }
  path.closePath();
}

/** Runs are never changed in place, so their path is good as long as they are. */
const OF_RUNS = new WeakMap<Runs, CellPath | null>();

export function cachedPath(runs: Runs): CellPath | null {
  let path = OF_RUNS.get(runs);
  if (path === undefined) OF_RUNS.set(runs, (path = pathOfRuns(runs)));
  return path;
}

/** Paths of cells of a frame, until its labels change. */
export class CellPaths {
  #frame: FrameLabels | undefined;
  #version = -1;
  readonly #paths = new Map<number, CellPath | null>();

  get(frame: FrameLabels, version: number, cell: number): CellPath | null {
    if (frame !== this.#frame || version !== this.#version) this.#paths.clear();
    [this.#frame, this.#version] = [frame, version];
    let path = this.#paths.get(cell);
    if (path === undefined) this.#paths.set(cell, (path = pathOfRuns(frame.runsOf(cell))));
    return path;
  }
}
