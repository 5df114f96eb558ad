/**
 * Labels around the view on the graphics card: a window of tiles that wraps around, so that panning uploads only what
 * comes in, an edit only its own rectangle, and the shader needs no list of tiles.
 */
import type { FrameLabels } from "@/editor/core/frame-labels";
import { TILE_PX, intersectionOf, isEmptyRect } from "@/editor/core/geometry";
import type { Rect, TileKey } from "@/editor/core/geometry";
import { NO_SAMPLES, readSamples, sampleTile, sampledRect } from "../label-samples";
import { eachTile } from "../tiles-in-view";
import type { TileRange } from "../tiles-in-view";
import { repeatingTextureOf } from "./program";

interface Slot {
  /** Frame, level and tile that lie here. */
  key: string;
  empty: boolean;
  second: boolean;
  /** Some pixel has more than two cells. */
  deep: boolean;
  /** For which favoured cells it was sampled, when deep. */
  favoured: string;
}

export class LabelWindow {
  first: WebGLTexture | null = null;
  second: WebGLTexture | null = null;
  columns = 0;
  rows = 0;
  #slots: Slot[] = [];

  constructor(private readonly gl: WebGL2RenderingContext) {}

  /** Makes room for so many tiles; a larger window is kept when less is asked. */
  fit(rows: number, columns: number): void {
    if (rows <= this.rows && columns <= this.columns) return;
    const room = [Math.max(rows, this.rows), Math.max(columns, this.columns)] as const;
    this.clear();
    [this.rows, this.columns] = room;
    this.first = repeatingTextureOf(this.gl, this.gl.R32UI, this.columns * TILE_PX, this.rows * TILE_PX);
    this.#slots = Array.from({ length: this.rows * this.columns }, () => ({ key: "", empty: true, second: false, deep: false, favoured: "" }));
  }

  #slot(ty: number, tx: number): Slot {
    return this.#slots[(ty % this.rows) * this.columns + (tx % this.columns)];
  }

  /** Uploads the tiles of the range that are not here yet. Answers, in image px, those that look different for other favoured cells. */
  show(frame: FrameLabels | undefined, generation: number, level: number, range: TileRange, favoured: readonly number[]): Rect[] {
    const turned: Rect[] = [];
    const names = favoured.join(" ");
    eachTile(range, (ty, tx) => {
      const slot = this.#slot(ty, tx);
      const key = frame ? `${generation} ${frame.t} ${frame.z} ${level} ${ty} ${tx}` : "";
      const isTurned = slot.deep && slot.favoured !== names;
      if (slot.key === key && key !== "" && !isTurned) return;
      if (slot.key === "" && key === "" && slot.empty) return;
      if (slot.key === key) turned.push(rectOfSlot(ty, tx, level));
      this.#fill(slot, ty, tx, frame ? sampleTile(frame, level, ty, tx, favoured) : null);
      [slot.key, slot.favoured] = [key, names];
    });
    return turned;
  }

  #fill(slot: Slot, ty: number, tx: number, samples: ReturnType<typeof sampleTile>): void {
    const rect = { x0: tx * TILE_PX, y0: ty * TILE_PX, x1: (tx + 1) * TILE_PX, y1: (ty + 1) * TILE_PX };
    if (samples || !slot.empty) this.#put(0, rect, (samples ?? NO_SAMPLES).first);
    if (samples?.second || slot.second) this.#put(1, rect, samples?.second ?? NO_SAMPLES.first);
    slot.empty = samples === null;
    slot.second = Boolean(samples?.second);
    slot.deep = Boolean(samples?.deep);
  }

  /** Tiles of a level that lie in a rectangle of the image are to be sampled anew. */
  forgetWithin(rect: Rect, level: number): void {
    const edge = TILE_PX * 2 ** level;
    const [ty1, tx1] = [Math.ceil(rect.y1 / edge), Math.ceil(rect.x1 / edge)];
    const [ty0, tx0] = [Math.max(Math.floor(rect.y0 / edge), ty1 - this.rows), Math.max(Math.floor(rect.x0 / edge), tx1 - this.columns)];
    eachTile({ ty0, tx0, ty1, tx1 }, (ty, tx) => {
      if (ty < 0 || tx < 0) return;
      const slot = this.#slot(ty, tx);
      if (slot.key !== "") slot.key = "old";
    });
  }

  /** Pixels of one small tile of the shown frame have changed: uploads that rectangle and nothing else. */
  update(frame: FrameLabels, key: TileKey, level: number, changed: Rect, range: TileRange, favoured: readonly number[]): void {
    const rect = sampledRect(changed, level);
    const [ty, tx] = [Math.floor(rect.y0 / TILE_PX), Math.floor(rect.x0 / TILE_PX)];
    const shown = ty >= range.ty0 && ty < range.ty1 && tx >= range.tx0 && tx < range.tx1;
    const tile = { x0: tx * TILE_PX, y0: ty * TILE_PX, x1: (tx + 1) * TILE_PX, y1: (ty + 1) * TILE_PX };
    const part = intersectionOf(rect, tile);
    if (!shown || isEmptyRect(part)) return;
    const slot = this.#slot(ty, tx);
    slot.empty = false;
    this.#put(0, part, readSamples(frame, level, part, 0));
    const depth = frame.tile(key)?.planes().length ?? 1;
    if (depth > 1 || slot.second) this.#put(1, part, readSamples(frame, level, part, 1, favoured));
    slot.second ||= depth > 1;
    slot.deep ||= depth > 2;
  }

  /** `rect` in samples of the level, within one tile. */
  #put(plane: 0 | 1, rect: Rect, data: Uint32Array): void {
    const { gl } = this;
    if (plane === 1) this.second ??= repeatingTextureOf(gl, gl.R32UI, this.columns * TILE_PX, this.rows * TILE_PX);
    gl.bindTexture(gl.TEXTURE_2D, plane === 0 ? this.first : this.second);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    const [x, y] = [rect.x0 % (this.columns * TILE_PX), rect.y0 % (this.rows * TILE_PX)];
    const [width, height] = [rect.x1 - rect.x0, rect.y1 - rect.y0];
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, width, height, gl.RED_INTEGER, gl.UNSIGNED_INT, data);
  }

  get overlaps(): boolean {
    return this.#slots.some((slot) => slot.second);
  }

  clear(): void {
    this.gl.deleteTexture(this.first);
    this.gl.deleteTexture(this.second);
    this.first = this.second = null;
    this.rows = this.columns = 0;
    this.#slots = [];
  }
}

function rectOfSlot(ty: number, tx: number, level: number): Rect {
  const edge = TILE_PX * 2 ** level;
  return { x0: tx * edge, y0: ty * edge, x1: (tx + 1) * edge, y1: (ty + 1) * edge };
}
