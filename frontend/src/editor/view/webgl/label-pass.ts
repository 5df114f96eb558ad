/** Draws labels, grid and pen over the base picture. */
import { clamp, TILE_PX } from "../../core/geometry";
import type { Rect, TileKey } from "../../core/geometry";
import { viewRect } from "../camera";
import type { Scene } from "../scene";
import { labelLevelFor, tilesIn } from "../tiles-in-view";
import type { TileRange } from "../tiles-in-view";
import { CellTable } from "./cell-table";
import { LABEL_SHADER } from "./label-shader";
import { LabelWindow } from "./label-window";
import { scissor } from "./pixel-pass";
import { deviceSize, imagePerDevice, setPlace } from "./place";
import { programOf, useTexture } from "./program";
import type { Program } from "./program";

const UNITS = { uBase: 0, uFirst: 1, uSecond: 2, uTable: 3 } as const;
const GRID_ZOOM = 16;

/** Outlines of cells a few pixels wide would cover them: thinner and fainter when far away. */
const lineStrength = (zoom: number): number => clamp((zoom - 0.06) / 0.24, 0.25, 1);

export class LabelPass {
  readonly #program: Program;
  readonly #window: LabelWindow;
  readonly #table: CellTable;
  #range: TileRange = { ty0: 0, tx0: 0, ty1: 0, tx1: 0 };
  #level = 0;
  /** Raised when every tile must be uploaded anew. */
  #generation = 0;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.#program = programOf(gl, LABEL_SHADER);
    this.#window = new LabelWindow(gl);
    this.#table = new CellTable(gl);
  }

  /** Brings changed labels to the card. `changed` holds what was drawn since the last call, by tile. */
  prepare(scene: Scene, changed: ReadonlyMap<TileKey, Rect>): void {
    const level = labelLevelFor(imagePerDevice(scene));
    const grid = { height_px: scene.image.height, width_px: scene.image.width, scale: 1 };
    const range = tilesIn(viewRect(scene.camera, scene.size), grid, TILE_PX * 2 ** level);
    this.#window.fit(range.ty1 - range.ty0 + 1, range.tx1 - range.tx0 + 1);
    const { labels } = scene;
    if (labels && level === this.#level) {
      changed.forEach((rect, key) => this.#window.update(labels, key, level, rect, this.#range));
    }
    this.#window.show(labels, this.#generation, level, range);
    [this.#range, this.#level] = [range, level];
    this.#table.update(scene.topCell, scene.colourOf, scene.selected);
  }

  /** Labels were replaced as a whole. */
  forget(): void {
    this.#generation++;
  }

  draw(scene: Scene, base: WebGLTexture, damage: Rect): void {
    const { gl } = this;
    gl.useProgram(this.#program.handle);
    setPlace(gl, this.#program, scene);
    this.#bind(base);
    this.#setLabels(scene);
    this.#setPen(scene);
    scissor(gl, damage, deviceSize(scene)[1]);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #bind(base: WebGLTexture): void {
    const { gl } = this;
    const { first, second } = this.#window;
    const textures = [base, first, second ?? first, this.#table.texture];
    textures.forEach((texture, unit) => useTexture(gl, unit, texture));
    for (const [name, unit] of Object.entries(UNITS)) gl.uniform1i(this.#program.at(name), unit);
  }

  #setLabels({ overlay, image, camera, size, selected, hovered, colourOf }: Scene): void {
    const { gl } = this;
    const at = (name: string): WebGLUniformLocation | null => this.#program.at(name);
    const range = this.#range;
    const [on, far] = [Number(overlay.visible), camera.zoom < 0.5];
    gl.uniform1i(at("uOverlaps"), Number(this.#window.overlaps));
    gl.uniform1i(at("uByTable"), Number(colourOf !== null));
    gl.uniform1i(at("uTableRows"), this.#table.rows);
    gl.uniform1i(at("uStep"), 2 ** this.#level);
    gl.uniform2i(at("uWindow"), this.#window.columns * TILE_PX, this.#window.rows * TILE_PX);
    gl.uniform4i(at("uShown"), range.tx0 * TILE_PX, range.ty0 * TILE_PX, range.tx1 * TILE_PX, range.ty1 * TILE_PX);
    gl.uniform2i(at("uImage"), image.width, image.height);
    gl.uniform1f(at("uFill"), overlay.fillOpacity * on);
    gl.uniform1f(at("uLine"), Number(overlay.outlines) * on * size.density * (far ? 1 : 1.5));
    gl.uniform1f(at("uLineStrength"), lineStrength(camera.zoom));
    gl.uniform1f(at("uDensity"), size.density);
    gl.uniform1ui(at("uPrimary"), (selected[0] ?? 0) * on);
    gl.uniform1ui(at("uHovered"), hovered * on);
    gl.uniform1i(at("uGrid"), Number(overlay.grid && camera.zoom >= GRID_ZOOM));
  }

  #setPen({ cursor, camera, size }: Scene): void {
    const corner = viewRect(camera, size);
    const [x, y] = cursor ? [cursor.at.x - Math.floor(corner.x0), cursor.at.y - Math.floor(corner.y0)] : [0, 0];
    const radius = cursor ? Math.max(cursor.diameter_px / 2, 2.5 / camera.zoom) : 0;
    this.gl.uniform4f(this.#program.at("uPen"), x, y, radius, cursor ? (cursor.kind === "brush" ? 1 : 2) : 0);
  }

  destroy(): void {
    this.#window.clear();
    this.gl.deleteTexture(this.#table.texture);
  }
}
