/** Membership of pixels in cells, on the planes of one tile. Ids of a pixel stay ascending, without gaps. */
import { TILE_AREA } from "./geometry";
import type { Planes } from "./tile-content";

export function holds(planes: Planes, i: number, cell: number): boolean {
  for (const plane of planes) {
    if (plane[i] === cell) return true;
    if (plane[i] === 0) return false;
  }
  return false;
}

/** Answers whether the pixel was not yet in the cell. */
export function join(planes: Planes, i: number, cell: number): boolean {
  if (planes[0][i] === 0) {
    planes[0][i] = cell;
    return true;
  }
  if (holds(planes, i, cell)) return false;
  let carried = cell;
  for (let p = 0; carried !== 0; p++) {
    if (p === planes.length) planes.push(new Uint32Array(TILE_AREA));
    const here = planes[p][i];
    if (here !== 0 && here < carried) continue;
    planes[p][i] = carried;
    carried = here;
  }
  return true;
}

/** How a cell in a pixel takes it that another writes there: it does not care, it may be taken, it must stay. */
export type Meeting = (other: number) => "passes" | "yields" | "holds";

/** Joins where no cell that cares lies. Answers whether the pixel changed. */
export function joinBeside(planes: Planes, i: number, cell: number, meet: Meeting): boolean {
  for (const plane of planes) {
    if (plane[i] === 0) break;
    if (plane[i] === cell || meet(plane[i]) !== "passes") return false;
  }
  return join(planes, i, cell);
}

/** Takes the pixel from those that yield and joins; where one holds nothing changes. Cell 0 joins nothing. */
export function takeOver(planes: Planes, i: number, cell: number, meet: Meeting): boolean {
  let yielding = 0;
  for (const plane of planes) {
    if (plane[i] === 0) break;
    const met = meet(plane[i]);
    if (met === "holds" && cell !== 0) return false;
    if (met === "yields") yielding++;
  }
  for (let p = planes.length - 1; p >= 0 && yielding > 0; p--) {
    if (planes[p][i] !== 0 && meet(planes[p][i]) === "yields") leave(planes, i, planes[p][i]);
  }
  return (cell !== 0 && join(planes, i, cell)) || yielding > 0;
}

/** Answers whether the pixel was in the cell. */
export function leave(planes: Planes, i: number, cell: number): boolean {
  if (planes.length === 1) {
    if (planes[0][i] !== cell) return false;
    planes[0][i] = 0;
    return true;
  }
  const from = planes.findIndex((plane) => plane[i] === cell);
  if (from < 0) return false;
  for (let p = from; p < planes.length; p++) planes[p][i] = p + 1 < planes.length ? planes[p + 1][i] : 0;
  return true;
}

/** Makes the pixel belong to this cell alone (0: to none). Answers whether anything changed. */
export function own(planes: Planes, i: number, cell: number): boolean {
  if (planes[0][i] === cell && (planes.length === 1 || planes[1][i] === 0)) return false;
  planes[0][i] = cell;
  for (let p = 1; p < planes.length; p++) planes[p][i] = 0;
  return true;
}
