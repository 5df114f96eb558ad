/** Labels over the composed picture in plain code: fills, outlines, pixel grid, pen. */
import { TILE_PX, tileKey } from "@/editor/core/geometry";
import type { Rect } from "@/editor/core/geometry";
import { CELL_COLOURS, rgbOf } from "../palette";
import type { Rgb } from "../palette";
import type { Scene } from "../scene";
import { deviceSize } from "../webgl/place";
import type { Colours } from "./base-picture";
import { latticeOf } from "./lattice";

const PALETTE = CELL_COLOURS.map(rgbOf);
const WHITE: Rgb = [255, 255, 255];
const GRID: Rgb = [158, 158, 158];
const GRID_ZOOM = 16;

/** Up to two cells of every device pixel of an area. */
interface CellPicture {
  readonly area: Rect;
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

/** Lays labels, grid and pen over the colours, in place. */
export function paintLabels(scene: Scene, colours: Colours): void {
  const { overlay } = scene;
  if (overlay.visible) paintCells(scene, colours);
  if (overlay.grid && scene.camera.zoom >= GRID_ZOOM) paintGrid(scene, colours);
  if (scene.cursor) paintPen(scene, colours);
}

function paintCells(scene: Scene, colours: Colours): void {
  const reach = lineOf(scene, 2);
  const [width, height] = deviceSize(scene);
  const { area } = colours;
  const wide = { x0: Math.max(0, area.x0 - reach), y0: Math.max(0, area.y0 - reach), x1: Math.min(width, area.x1 + reach), y1: Math.min(height, area.y1 + reach) };
  const cells = cellsOf(scene, wide);
  const selected = new Set(scene.selected);
  const columns = wide.x1 - wide.x0;
  let to = 0;
  for (let y = area.y0; y < area.y1; y++) {
    let i = (y - wide.y0) * columns + area.x0 - wide.x0;
    for (let x = area.x0; x < area.x1; x++, i++, to += 3) {
      const [a, b] = [cells.first[i], cells.second[i]];
      if (a === 0) continue;
      const stripe = (x + y) % (8 * scene.size.density) < 4 * scene.size.density;
      withCell(scene, cells, selected, a, x, y, b === 0 || stripe ? 1 : 0, colours.rgb, to);
      if (b !== 0) withCell(scene, cells, selected, b, x, y, stripe ? 0 : 1, colours.rgb, to);
    }
  }
}

/** Outline width, device px. */
const lineOf = ({ camera, size }: Scene, css_px: number): number => Math.max(1, Math.round((css_px + Number(camera.zoom >= 2)) * size.density));

function cellsOf(scene: Scene, area: Rect): CellPicture {
  const { columns, rows, origin_x, origin_y } = latticeOf(scene, area);
  const width = area.x1 - area.x0;
  const picture = { area, first: new Uint32Array(width * (area.y1 - area.y0)), second: new Uint32Array(width * (area.y1 - area.y0)) };
  const { labels, image } = scene;
  if (!labels) return picture;
  rows.forEach((row, j) => {
    const y = origin_y + Math.floor(row);
    if (y < 0 || y >= image.height) return;
    columns.forEach((column, i) => {
      const x = origin_x + Math.floor(column);
      if (x < 0 || x >= image.width) return;
      const planes = labels.tile(tileKey(Math.floor(y / TILE_PX), Math.floor(x / TILE_PX)))?.planes();
      const at = (y % TILE_PX) * TILE_PX + (x % TILE_PX);
      picture.first[j * width + i] = planes?.[0][at] ?? 0;
      picture.second[j * width + i] = planes?.[1]?.[at] ?? 0;
    });
  });
  return picture;
}

function withCell(
  scene: Scene, cells: CellPicture, selected: ReadonlySet<number>, cell: number, x: number, y: number, share: number, rgb: Float32Array, to: number,
): void {
  const { overlay, hovered } = scene;
  const own = colourOf(scene, cell);
  const chosen = selected.has(cell);
  const fill = Math.min(1, overlay.fillOpacity + (cell === hovered ? 0.14 : 0) + (chosen ? 0.06 : 0)) * share;
  const bright_share = fade(0.299 * rgb[to] + 0.587 * rgb[to + 1] + 0.114 * rgb[to + 2], 0.5 * 255, 0.8 * 255);
  mix(rgb, to, own, fill);
  const line = chosen ? lineOf(scene, 2) : cell === hovered ? lineOf(scene, 1) : overlay.outlines ? lineOf(scene, 1) : 0;
  if (line === 0 || !isEdge(cells, cell, x, y, line)) return;
  const bright = chosen ? WHITE : cell === hovered ? lighter(own) : own;
  mix(rgb, to, lineOn(bright, bright_share), chosen || cell === hovered ? 1 : lineStrength(scene.camera.zoom));
}

const lineStrength = (zoom: number): number => Math.min(1, Math.max(0.25, (zoom - 0.06) / 0.24));

/** Light lines turn dark where the picture is bright. */
const lineOn = ([r, g, b]: Rgb, share: number): Rgb => {
  const kept = 1 - 0.65 * share;
  return [r * kept, g * kept, b * kept];
};

const lighter = ([r, g, b]: Rgb): Rgb => [r + (255 - r) * 0.45, g + (255 - g) * 0.45, b + (255 - b) * 0.45];

export function colourOf(scene: Scene, cell: number): Rgb {
  if (scene.colourOf) return scene.colourOf(cell);
  let h = Math.imul(cell, 2654435761) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
  return PALETTE[((h >>> 16) * PALETTE.length) >>> 16];
}

/** The cell is missing somewhere on a ring of eight places around. */
function isEdge({ area, first, second }: CellPicture, cell: number, x: number, y: number, r: number): boolean {
  const width = area.x1 - area.x0;
  const s = Math.max(1, (r * 3) >> 2);
  const lacks = (dx: number, dy: number): boolean => {
    const px = Math.min(area.x1 - 1, Math.max(area.x0, x + dx)) - area.x0;
    const py = Math.min(area.y1 - 1, Math.max(area.y0, y + dy)) - area.y0;
    return first[py * width + px] !== cell && second[py * width + px] !== cell;
  };
  return lacks(r, 0) || lacks(-r, 0) || lacks(0, r) || lacks(0, -r) || lacks(s, s) || lacks(-s, -s) || lacks(s, -s) || lacks(-s, s);
}

function mix(rgb: Float32Array, at: number, [r, g, b]: Rgb, share: number): void {
  rgb[at] += (r - rgb[at]) * share;
  rgb[at + 1] += (g - rgb[at + 1]) * share;
  rgb[at + 2] += (b - rgb[at + 2]) * share;
}

function paintGrid(scene: Scene, { area, rgb }: Colours): void {
  const { columns, rows, per_px } = latticeOf(scene, area);
  const onLine = (place: number): boolean => (place - Math.floor(place)) / per_px < 1;
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      if (onLine(row) || onLine(column)) mix(rgb, to, GRID, 0.28);
      to += 3;
    }
  }
}

function paintPen(scene: Scene, { area, rgb }: Colours): void {
  const { cursor, camera, size } = scene;
  if (!cursor) return;
  const { columns, rows, origin_x, origin_y, per_px } = latticeOf(scene, area);
  const radius = Math.max(cursor.diameter_px / 2, 2.5 / camera.zoom);
  const ink: Rgb = cursor.kind === "eraser" ? [255, 140, 120] : WHITE;
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const reach = Math.hypot(column + origin_x - cursor.at.x, row + origin_y - cursor.at.y);
      const away = Math.abs(reach - radius) / (per_px * size.density);
      if (away < 2.5) {
        mix(rgb, to, [0, 0, 0], 0.55 * fade(away, 2.5, 1.2));
        mix(rgb, to, ink, fade(away, 1.2, 0.5));
      }
      to += 3;
    }
  }
}

/** 0 at `none` and beyond, 1 at `full`, smooth between. */
function fade(value: number, none: number, full: number): number {
  const share = Math.min(1, Math.max(0, (value - none) / (full - none)));
  return share * share * (3 - 2 * share);
}
