/** Per cell: its colour in the modes that ask the facts, and whether it is selected. One texel an id. */
import type { Rgb } from "../palette";
import { textureOf } from "./program";

export const TABLE_COLUMNS = 4096;
/** 16.7 million ids, 64 MB; cells beyond are drawn in the neutral colour. */
const MOST_ROWS = 4096;
const SELECTED = 1;

export class CellTable {
  texture: WebGLTexture | null = null;
  rows = 0;
  #data = new Uint8Array(0);
  #selected: readonly number[] = [];
  #colourOf: ((cell: number) => Rgb) | null = null;
  #top = -1;

  constructor(private readonly gl: WebGL2RenderingContext) {}

  /** `colourOf` is another function whenever a colour may have changed. */
  update(topCell: number, colourOf: ((cell: number) => Rgb) | null, selected: readonly number[], only: Iterable<number> | null = null): void {
    const grown = this.#grow(Math.max(topCell, ...selected.slice(0, 1), 0));
    const coloured = colourOf !== null && (grown || colourOf !== this.#colourOf || topCell !== this.#top);
    if (coloured) this.#paint(topCell, colourOf, only);
    const marked = selected !== this.#selected || grown;
    if (marked) this.#mark(selected, grown || coloured);
    if (grown || coloured) this.#upload(0, this.rows);
    [this.#colourOf, this.#top] = [colourOf, topCell];
  }

  #grow(topCell: number): boolean {
    const rows = Math.min(MOST_ROWS, Math.floor(topCell / TABLE_COLUMNS) + 1);
    if (this.texture && rows <= this.rows) return false;
    this.gl.deleteTexture(this.texture);
    const data = new Uint8Array(rows * TABLE_COLUMNS * 4);
    data.set(this.#data.subarray(0, data.length));
    this.#data = data;
    this.rows = rows;
    this.texture = textureOf(this.gl, this.gl.RGBA8UI, TABLE_COLUMNS, rows);
    return true;
  }

  /** `only` where a slide has a million cells of which a few are here. */
  #paint(topCell: number, colourOf: (cell: number) => Rgb, only: Iterable<number> | null): void {
    const last = Math.min(topCell, this.rows * TABLE_COLUMNS - 1);
    if (only) for (const cell of only) this.#put(cell, last, colourOf(cell));
    else for (let cell = 1; cell <= last; cell++) this.#put(cell, last, colourOf(cell));
  }

  #put(cell: number, last: number, colour: Rgb): void {
    if (cell > last) return;
    const at = cell * 4;
    [this.#data[at], this.#data[at + 1], this.#data[at + 2]] = [colour[0], colour[1], colour[2]];
  }

  #mark(selected: readonly number[], whole: boolean): void {
    const touched = new Set<number>();
    for (const cell of this.#selected) this.#setFlag(cell, 0, touched);
    for (const cell of selected) this.#setFlag(cell, SELECTED, touched);
    this.#selected = selected;
    if (!whole) for (const row of touched) this.#upload(row, row + 1);
  }

  #setFlag(cell: number, flag: number, touched: Set<number>): void {
    const at = cell * 4 + 3;
    if (at >= this.#data.length) return;
    this.#data[at] = flag;
    touched.add(Math.floor(cell / TABLE_COLUMNS));
  }

  #upload(from: number, to: number): void {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    const part = this.#data.subarray(from * TABLE_COLUMNS * 4, to * TABLE_COLUMNS * 4);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, from, TABLE_COLUMNS, to - from, gl.RGBA_INTEGER, gl.UNSIGNED_BYTE, part);
  }
}
