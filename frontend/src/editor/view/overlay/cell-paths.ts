/** Sets of pixels as paths along pixel edges: made once, coarser for a far view, drawn at any place. */
import type { FrameLabels } from "@/editor/core/frame-labels";
import type { Bounds, Point } from "@/editor/core/geometry";
import { outlineOf } from "@/editor/core/outline";
import type { Ring } from "@/editor/core/outline";
import { boundsOf } from "@/editor/core/runs";
import type { Runs } from "@/editor/core/runs";

/** Stairs of pixels are kept from this zoom on; nearer than so many CSS px to each other, corners are left out below. */
const EXACT_ZOOM = 2;
const CORNERS_APART_PX = 2.5;

export class CellPath {
  readonly bounds: Bounds;
  /** Paths count from here, in image px. */
  readonly origin: Point;
  readonly #rings: readonly Ring[];
  /** By the power of two that the zoom is at most. */
  readonly #paths = new Map<number, Path2D>();

  constructor(runs: Runs, bounds: Bounds) {
    this.bounds = bounds;
    this.origin = { x: bounds.x_min, y: bounds.y_min };
    this.#rings = outlineOf(runs);
  }

  /** Holes are rings of their own: fill it by the even-odd rule. */
  at(zoom: number): Path2D {
    const power = zoom >= EXACT_ZOOM ? Infinity : Math.ceil(Math.log2(zoom));
    let path = this.#paths.get(power);
    if (!path) this.#paths.set(power, (path = this.#make(power === Infinity ? 0 : CORNERS_APART_PX / 2 ** power)));
    return path;
  }

  #make(apart_px: number): Path2D {
    const path = new Path2D();
    for (const ring of this.#rings) addRing(path, apart_px > 0 ? thinned(ring, apart_px) : ring, this.origin);
    return path;
  }
}

/** Through the middles of pixel edges, none nearer to the last than `apart_px`: a slanted border becomes straight. */
export function thinned(ring: Ring, apart_px: number): number[] {
  const kept: number[] = [];
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    const [x, y] = [(ring[i] + ring[j]) / 2, (ring[i + 1] + ring[j + 1]) / 2];
    const last = kept.length - 2;
    if (last < 0 || Math.hypot(x - kept[last], y - kept[last + 1]) >= apart_px) kept.push(x, y);
  }
  return kept;
}

function addRing(path: Path2D, ring: readonly number[], { x, y }: Point): void {
  for (let i = 0; i < ring.length; i += 2) {
    if (i === 0) path.moveTo(ring[0] - x, ring[1] - y);
    else path.lineTo(ring[i] - x, ring[i + 1] - y);
  }
  path.closePath();
}

function pathOfRuns(runs: Runs): CellPath | null {
  const bounds = boundsOf(runs);
  return bounds && new CellPath(runs, bounds);
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
