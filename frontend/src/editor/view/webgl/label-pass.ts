/** Draws labels, grid and pen over the base picture. */
import { clamp, TILE_PX } from "@/editor/core/geometry";
import type { Rect, TileKey } from "@/editor/core/geometry";
import { viewRect } from "../camera";
import type { Scene } from "../scene";
import { labelLevelFor, tilesIn } from "../tiles-in-view";
import type { TileRange } from "../tiles-in-view";
import { CellTable } from "./cell-table";
import { ID_SHADER } from "./id-shader";
import { LABEL_SHADER } from "./label-shader";
import { LabelWindow } from "./label-window";
import { scissor } from "./pixel-pass";
import { deviceSize, imagePerDevice, setPlace } from "./place";
import { programOf, textureOf, bindTexture } from "./program";
import type { Program } from "./program";

const GRID_ZOOM = 16;

/** Outlines of cells a few pixels wide would cover them: fainter when far away. */
const lineStrength = (zoom: number): number => clamp((zoom - 0.06) / 0.24, 0.25, 1);

export class LabelPass {
  readonly #ids: Program;
  readonly #paint: Program;
  readonly #window: LabelWindow;
  readonly #table: CellTable;
  readonly #framebuffer: WebGLFramebuffer;
  /** Two ids of every device pixel. */
  #cells: WebGLTexture | null = null;
  #range: TileRange = { ty0: 0, tx0: 0, ty1: 0, tx1: 0 };
  #level = 0;
  /** Raised when every tile must be uploaded anew. */
  #generation = 0;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.#ids = programOf(gl, ID_SHADER);
    this.#paint = programOf(gl, LABEL_SHADER);
    this.#window = new LabelWindow(gl);
    this.#table = new CellTable(gl);
    this.#framebuffer = gl.createFramebuffer();
  }

  resize(width: number, height: number): void {
    const { gl } = this;
    gl.deleteTexture(this.#cells);
    this.#cells = textureOf(gl, gl.RG32UI, width, height);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#cells, 0);
  }

  /** Labels were replaced as a whole. */
  forget(): void {
    this.#generation++;
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

  /** Finds the cells of every device pixel in `damage`. */
  drawIds(scene: Scene, damage: Rect): void {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer);
    this.#begin(this.#ids, scene, { uFirst: this.#window.first, uSecond: this.#window.second ?? this.#window.first });
    this.#setWindow(scene);
    scissor(gl, damage, deviceSize(scene)[1]);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** Paints `damage` into the bound framebuffer. */
  draw(scene: Scene, picture: WebGLTexture, damage: Rect): void {
    const { gl } = this;
    this.#begin(this.#paint, scene, { uPicture: picture, uCells: this.#cells, uTable: this.#table.texture });
    this.#setPaint(scene);
    this.#setPen(scene);
    scissor(gl, damage, deviceSize(scene)[1]);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #begin(program: Program, scene: Scene, textures: Readonly<Record<string, WebGLTexture | null>>): void {
    const { gl } = this;
    gl.useProgram(program.handle);
    setPlace(gl, program, scene);
    Object.entries(textures).forEach(([name, texture], unit) => {
      bindTexture(gl, unit, texture);
      gl.uniform1i(program.at(name), unit);
    });
  }

  #setWindow({ image }: Scene): void {
    const { gl } = this;
    const at = (name: string): WebGLUniformLocation | null => this.#ids.at(name);
    const { tx0, ty0, tx1, ty1 } = this.#range;
    const { columns, rows } = this.#window;
    const base = (tile: number, count: number): number => Math.floor(tile / count) * count * TILE_PX;
    gl.uniform1ui(at("uOverlaps"), Number(this.#window.overlaps));
    gl.uniform1i(at("uLevel"), this.#level);
    gl.uniform2i(at("uWindow"), columns * TILE_PX, rows * TILE_PX);
    gl.uniform2i(at("uBase"), base(tx0, columns), base(ty0, rows));
    gl.uniform4i(at("uShown"), tx0 * TILE_PX, ty0 * TILE_PX, tx1 * TILE_PX, ty1 * TILE_PX);
    gl.uniform2i(at("uImage"), image.width, image.height);
  }

  #setPaint(scene: Scene): void {
    const { overlay, camera, size, selected, hovered, colourOf } = scene;
    const { gl } = this;
    const at = (name: string): WebGLUniformLocation | null => this.#paint.at(name);
    const [width, height] = deviceSize(scene);
    const line = (css_px: number): number => Math.max(1, Math.round((css_px + Number(camera.zoom >= 2)) * size.density));
    gl.uniform1i(at("uShow"), Number(overlay.visible));
    gl.uniform1i(at("uByTable"), Number(colourOf !== null));
    gl.uniform1i(at("uTableRows"), this.#table.rows);
    gl.uniform1f(at("uFill"), overlay.fillOpacity);
    gl.uniform3i(at("uLine"), overlay.outlines ? line(1) : 0, line(1), line(2));
    gl.uniform1f(at("uLineStrength"), lineStrength(camera.zoom));
    gl.uniform1f(at("uDensity"), size.density);
    gl.uniform2i(at("uLast"), width - 1, height - 1);
    gl.uniform1ui(at("uPrimary"), selected[0] ?? 0);
    gl.uniform1ui(at("uHovered"), hovered);
    gl.uniform1i(at("uGrid"), Number(overlay.grid && camera.zoom >= GRID_ZOOM));
  }

  #setPen({ cursor, camera, size }: Scene): void {
    const corner = viewRect(camera, size);
    const [x, y] = cursor ? [cursor.at.x - Math.floor(corner.x0), cursor.at.y - Math.floor(corner.y0)] : [0, 0];
    const radius = cursor ? Math.max(cursor.diameter_px / 2, 2.5 / camera.zoom) : 0;
    this.gl.uniform4f(this.#paint.at("uPen"), x, y, radius, cursor ? (cursor.kind === "brush" ? 1 : 2) : 0);
  }

  destroy(): void {
    this.#window.clear();
    this.gl.deleteTexture(this.#cells);
    this.gl.deleteTexture(this.#table.texture);
  }
}
