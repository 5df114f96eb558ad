/** A cut through a stack as device pixels: channels composed, labels filled and outlined as in the plane itself. */
import { clamp } from "../core/geometry";
import type { ChannelView, OverlayView } from "../door";
import { rgbOf } from "../view/palette";
import type { Rgb } from "../view/palette";

export interface SliceLook {
  readonly channels: readonly ChannelView[];
  readonly overlay: OverlayView;
  readonly selected: readonly number[];
  readonly colourOf: (cell: number) => Rgb;
}

export interface SliceSource {
  /** Voxel of each device column and row, -1 outside. */
  readonly columns: Int32Array;
  readonly rows: Int32Array;
  /** Grey value of channel c at (column voxel, row voxel). */
  readonly value: (c: number) => (column: number, row: number) => number;
  readonly cell: (column: number, row: number) => number;
}

/** RGBA of `columns.length × rows.length` device pixels; outlines are `line` of them wide. */
export function paintSlice({ columns, rows, value, cell }: SliceSource, look: SliceLook, line: number): Uint8ClampedArray<ArrayBuffer> {
  const width = columns.length;
  const rgba = new Uint8ClampedArray(width * rows.length * 4);
  const cells = new Uint32Array(width * rows.length);
  paintBase(rgba, columns, rows, value, look.channels);
  if (look.overlay.visible) {
    eachPixel(columns, rows, (at, column, row) => (cells[at] = cell(column, row)));
    paintCells(rgba, cells, width, look, line);
  }
  return rgba;
}

function eachPixel(columns: Int32Array, rows: Int32Array, visit: (at: number, column: number, row: number) => void): void {
  rows.forEach((row, j) => {
    if (row >= 0) columns.forEach((column, i) => column >= 0 && visit(j * columns.length + i, column, row));
  });
}

/** Device rows of one voxel row are alike: composed once and copied. */
function paintBase(rgba: Uint8ClampedArray, columns: Int32Array, rows: Int32Array, value: SliceSource["value"], channels: readonly ChannelView[]): void {
  const shown = channels.flatMap((view, c) => (view.visible ? [{ view, colour: rgbOf(view.color), read: value(c) }] : []));
  const stride = columns.length * 4;
  for (let j = 0; j < rows.length; j++) {
    if (rows[j] < 0) continue;
    if (j > 0 && rows[j] === rows[j - 1]) rgba.copyWithin(j * stride, (j - 1) * stride, j * stride);
    else paintRow(rgba, j * stride, columns, rows[j], shown);
  }
}

interface Shown {
  readonly view: ChannelView;
  readonly colour: Rgb;
  readonly read: (column: number, row: number) => number;
}

function paintRow(rgba: Uint8ClampedArray, from: number, columns: Int32Array, row: number, shown: readonly Shown[]): void {
  for (let i = 0, at = from; i < columns.length; i++, at += 4) {
    if (columns[i] < 0) continue;
    let [r, g, b] = [0, 0, 0];
    for (const { view, colour, read } of shown) {
      const share = shareOf(read(columns[i], row), view);
      r += colour[0] * share;
      g += colour[1] * share;
      b += colour[2] * share;
    }
    rgba[at] = r;
    rgba[at + 1] = g;
    rgba[at + 2] = b;
    rgba[at + 3] = 255;
  }
}

function shareOf(value: number, { min, max, gamma, invert }: ChannelView): number {
  const share = clamp((value - min) / Math.max(max - min, 1e-9), 0, 1);
  const bent = gamma === 1 ? share : share ** gamma;
  return invert ? 1 - bent : bent;
}

function paintCells(rgba: Uint8ClampedArray, cells: Uint32Array, width: number, { overlay, selected, colourOf }: SliceLook, line: number): void {
  const chosen = new Set(selected);
  const colours = new Map<number, Rgb>();
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at];
    if (cell === 0) continue;
    let own = colours.get(cell);
    if (!own) colours.set(cell, (own = colourOf(cell)));
    const isChosen = chosen.has(cell);
    mix(rgba, at * 4, own, Math.min(1, overlay.fillOpacity + (isChosen ? 0.06 : 0)));
    const wide = isChosen ? line + 1 : overlay.outlines ? line : 0;
    if (wide > 0 && isEdge(cells, at, width, wide)) mix(rgba, at * 4, isChosen ? [255, 255, 255] : own, 1);
  }
}

function isEdge(cells: Uint32Array, at: number, width: number, line: number): boolean {
  const cell = cells[at];
  const x = at % width;
  const differs = (other: number): boolean => cells[other] !== undefined && cells[other] !== cell;
  return (x >= line && differs(at - line)) || (x < width - line && differs(at + line)) || differs(at - line * width) || differs(at + line * width);
}

function mix(rgba: Uint8ClampedArray, at: number, colour: Rgb, share: number): void {
  for (let i = 0; i < 3; i++) rgba[at + i] += (colour[i] - rgba[at + i]) * share;
}
