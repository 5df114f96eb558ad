/** Tiles between their three forms: packed bytes, runs per cell, planes of ids per pixel. */
import type { TileContent } from "./frame";
import { TILE_AREA } from "./geometry";
import { combine, normalise } from "./runs";
import type { Line } from "./runs";

/** Bytes that are not a packed tile or not a frame. */
export class BrokenTile extends Error {
  override readonly name = "BrokenTile";
}

/** Ids of each pixel in ascending order on planes 0, 1, …; 0 is none. Never fewer than one plane. */
export type Planes = Uint32Array[];

export const EMPTY_CONTENT: TileContent = {
  ids: new Uint32Array(0),
  counts: new Uint32Array(0),
  starts: new Uint16Array(0),
  lengthsMinus1: new Uint16Array(0),
};

/** The tile in these bytes, already inflated: `u32 n; u32 ids[n]; u32 counts[n]; u16 starts[r]; u16 lengths_minus_1[r]`. */
export function unpackTile(bytes: Uint8Array): TileContent {
  if (bytes.byteLength < 4) throw new BrokenTile("The tile is too short to hold its number of cells.");
  const data = bytes.slice().buffer; // arrays of 16 and 32 bits need an aligned start
  const n = new DataView(data).getUint32(0, true);
  if (data.byteLength < 4 + 8 * n) throw new BrokenTile(`The tile says ${n} cells but is too short to list them.`);
  const ids = new Uint32Array(data, 4, n);
  const counts = new Uint32Array(data, 4 + 4 * n, n);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const at = 4 + 8 * n;
  if (data.byteLength !== at + 4 * total) {
    throw new BrokenTile(`The tile says ${total} runs but has ${data.byteLength - at} bytes of them, not ${4 * total}.`);
  }
  const [starts, lengthsMinus1] = [new Uint16Array(data, at, total), new Uint16Array(data, at + 2 * total, total)];
  return { ids, counts, starts, lengthsMinus1 };
}

/** The inverse of `unpackTile`; the same content always gives the same bytes. */
export function packTile(content: TileContent): Uint8Array<ArrayBuffer> {
  const [n, total] = [content.ids.length, content.starts.length];
  const data = new ArrayBuffer(4 + 8 * n + 4 * total);
  new DataView(data).setUint32(0, n, true);
  new Uint32Array(data, 4, n).set(content.ids);
  new Uint32Array(data, 4 + 4 * n, n).set(content.counts);
  new Uint16Array(data, 4 + 8 * n, total).set(content.starts);
  new Uint16Array(data, 4 + 8 * n + 2 * total, total).set(content.lengthsMinus1);
  return new Uint8Array(data);
}

/** Calls back for every run: cell, first flat pixel, one past the last. */
export function eachRun(content: TileContent, visit: (cell: number, start: number, end: number) => void): void {
  let run = 0;
  for (let i = 0; i < content.ids.length; i++) {
    for (const last = run + content.counts[i]; run < last; run++) {
      visit(content.ids[i], content.starts[run], content.starts[run] + content.lengthsMinus1[run] + 1);
    }
  }
}

export function planesOfContent(content: TileContent): Planes {
  const planes: Planes = [new Uint32Array(TILE_AREA)];
  const first = planes[0];
  eachRun(content, (cell, start, end) => {
    for (let i = start; i < end; i++) {
      if (first[i] === 0) first[i] = cell;
      else placeAbove(planes, i, cell);
    }
  });
  return planes;
}

/** Cells come in ascending order, so the first free plane keeps a pixel's ids ascending. */
function placeAbove(planes: Planes, i: number, cell: number): void {
  let p = 1;
  while (p < planes.length && planes[p][i] !== 0) p++;
  if (p === planes.length) planes.push(new Uint32Array(TILE_AREA));
  planes[p][i] = cell;
}

export function contentOfPlanes(planes: Planes): TileContent {
  const lines = new Map<number, number[]>();
  for (const plane of planes) collectRuns(plane, lines);
  while (planes.length > 1 && !planes[planes.length - 1].some((cell) => cell !== 0)) planes.pop(); // nothing overlaps so deep any more
  if (planes.length > 1) lines.forEach((line, cell) => lines.set(cell, normalise(line)));
  return contentOfLines(lines);
}

function collectRuns(plane: Uint32Array, lines: Map<number, number[]>): void {
  const area = plane.length;
  for (let start = 0; start < area; ) {
    const cell = plane[start];
    let end = start + 1;
    while (end < area && plane[end] === cell) end++;
    if (cell !== 0) append(lines, cell, start, end);
    start = end;
  }
}

function append(lines: Map<number, number[]>, cell: number, start: number, end: number): void {
  const line = lines.get(cell);
  if (line) line.push(start, end);
  else lines.set(cell, [start, end]);
}

/** From flat half-open intervals per cell. */
export function contentOfLines(lines: ReadonlyMap<number, Line>): TileContent {
  const ids = Uint32Array.from(lines.keys()).sort();
  const counts = ids.map((cell) => (lines.get(cell) ?? []).length / 2);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const [starts, lengthsMinus1] = [new Uint16Array(total), new Uint16Array(total)];
  let run = 0;
  for (const cell of ids) {
    const line = lines.get(cell) ?? [];
    for (let i = 0; i < line.length; i += 2, run++) {
      starts[run] = line[i];
      lengthsMinus1[run] = line[i + 1] - line[i] - 1;
    }
  }
  return { ids, counts, starts, lengthsMinus1 };
}

export interface LineChange {
  readonly cell: number;
  readonly add: Line;
  readonly remove: Line;
}

/** What joined and what left each cell, in flat pixels of the tile; cells ascending, unchanged ones left out. */
export function contentChanges(before: TileContent, after: TileContent): LineChange[] {
  const [old, now] = [placesOf(before), placesOf(after)];
  const cells = [...new Set([...before.ids, ...after.ids])].sort((a, b) => a - b);
  const changed = cells.filter((cell) => !sameRuns(before, old.get(cell), after, now.get(cell)));
  const changes = changed.map((cell) => lineChange(cell, lineAt(before, old.get(cell)), lineAt(after, now.get(cell))));
  return changes.filter((change) => change.add.length > 0 || change.remove.length > 0);
}

/** Runs [first, last) of a cell. */
type Place = readonly [number, number];

function placesOf(content: TileContent): Map<number, Place> {
  const places = new Map<number, Place>();
  let run = 0;
  content.ids.forEach((cell, i) => places.set(cell, [run, (run += content.counts[i])]));
  return places;
}

/** Most cells of a tile are not touched by an edit: found without building anything. */
function sameRuns(a: TileContent, at: Place | undefined, b: TileContent, bt: Place | undefined): boolean {
  if (!at || !bt || at[1] - at[0] !== bt[1] - bt[0]) return false;
  for (let i = at[0], j = bt[0]; i < at[1]; i++, j++) {
    if (a.starts[i] !== b.starts[j] || a.lengthsMinus1[i] !== b.lengthsMinus1[j]) return false;
  }
  return true;
}

function lineAt({ starts, lengthsMinus1 }: TileContent, place: Place | undefined): number[] {
  const line: number[] = [];
  if (place) for (let i = place[0]; i < place[1]; i++) line.push(starts[i], starts[i] + lengthsMinus1[i] + 1);
  return line;
}

function lineChange(cell: number, old: Line, now: Line): LineChange {
  return {
    cell,
    add: combine(old, now, (inOld, inNow) => inNow && !inOld),
    remove: combine(old, now, (inOld, inNow) => inOld && !inNow),
  };
}
