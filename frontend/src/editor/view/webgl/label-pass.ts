/** Draws labels, grid and pen over the base picture. */
import { clamp, TILE_PX } from "@/editor/core/geometry";
import type { Point, Rect, TileKey } from "@/editor/core/geometry";
import { viewRect } from "../camera";
import type { Scene } from "../scene";
import { labelLevelFor, tilesIn } from "../tiles-in-view";
import type { TileRange } from "../tiles-in-view";
import { CellTable, TABLE_COLUMNS } from "./cell-table";
import { CELL_COLOURS, rgbOf } from "../palette";
import { idShader } from "./id-shader";
import { labelShader } from "./label-shader";
import { LabelWindow } from "./label-window";
import { scissor } from "./pixel-pass";
import { Picture } from "./picture";
import { deviceSize, imagePerDevice, setPlace } from "./place";
import { StubPass } from "./stub-pass";
import { programOf, textureOf, bindTexture } from "./program";
import type { Program } from "./program";

/** Selected cells that are drawn fully where many overlap. */
const MOST_FAVOURED = 8;

const GRID_ZOOM = 16;

/** Outlines of cells a few pixels wide would cover them: fainter when far away. */
const lineStrength = (zoom: number): number => clamp((zoom - 0.06) / 0.24, 0.25, 1);

export class LabelPass {
  /** Without and with cells that overlap. */
  readonly #ids: readonly [Program, Program];
  /** By kind, made when first needed. */
  readonly #paints = new Map<string, Program>();
  readonly #palette: WebGLTexture;
  readonly #stubs: StubPass;
  readonly #window: LabelWindow;
  readonly #table: CellTable;
  /** Two ids of every device pixel. */
  readonly #cells: Picture;
  #range: TileRange = { ty0: 0, tx0: 0, ty1: 0, tx1: 0 };
  #level = 0;
  /** Raised when every tile must be uploaded anew. */
  #generation = 0;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.#ids = [programOf(gl, idShader(false)), programOf(gl, idShader(true))];
    this.#window = new LabelWindow(gl);
    this.#table = new CellTable(gl);
    this.#cells = new Picture(gl, gl.RG32UI);
    this.#palette = paletteOf(gl);
    this.#stubs = new StubPass(gl);
  }

  resize(width: number, height: number): void {
    this.#cells.resize(width, height);
  }

  /** The picture moves by whole device pixels. */
  move(step: Point): void {
    this.#cells.move(step);
  }

  /** Labels were replaced as a whole. */
  forget(): void {
    this.#generation++;
  }

  /** Labels of a rectangle of the image were replaced. */
  forgetWithin(rect: Rect): void {
    this.#window.forgetWithin(rect, this.#level);
  }

  /** Brings changed labels to the card; `changed` is what was drawn since the last call, by tile. Answers what else looks different, in image px. */
  prepare(scene: Scene, changed: ReadonlyMap<TileKey, Rect>): Rect[] {
    const level = labelLevelFor(imagePerDevice(scene));
    const grid = { height_px: scene.image.height, width_px: scene.image.width, scale: 1 };
    const range = tilesIn(viewRect(scene.camera, scene.size), grid, TILE_PX * 2 ** level);
    this.#window.fit(range.ty1 - range.ty0 + 1, range.tx1 - range.tx0 + 1);
    const { labels } = scene;
    const favoured = [...scene.selected.slice(0, MOST_FAVOURED), scene.hovered];
    if (labels && level === this.#level) {
      changed.forEach((rect, key) => this.#window.update(labels, key, level, rect, this.#range, favoured));
    }
    const turned = this.#window.show(labels, this.#generation, level, range, favoured);
    [this.#range, this.#level] = [range, level];
    this.#table.update(scene.topCell, scene.colourOf, scene.selected, labels && !labels.isWhole ? labels.cellsHere() : null);
    return turned;
  }

  /** Finds the cells of every device pixel in `damage`. */
  drawIds(scene: Scene, damage: Rect): void {
    const { gl } = this;
    const program = this.#ids[Number(this.#window.overlaps)];
    this.#cells.bind();
    this.#begin(program, scene, { uFirst: this.#window.first, uSecond: this.#window.second ?? this.#window.first });
    this.#setWindow(program, scene);
    scissor(gl, damage, deviceSize(scene)[1]);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    if (scene.stubs) this.#stubs.draw(scene, scene.stubs);
  }

  /** Paints `damage` into the bound framebuffer. */
  draw(scene: Scene, picture: WebGLTexture | null, damage: Rect): void {
    const { gl } = this;
    const program = this.#paintFor(scene);
    this.#begin(program, scene, { uPicture: picture, uCells: this.#cells.texture, uTable: this.#table.texture, uPalette: this.#palette });
    this.#setPaint(program, scene);
    this.#setPen(program, scene);
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

  #setWindow(program: Program, { image }: Scene): void {
    const { gl } = this;
    const at = (name: string): WebGLUniformLocation | null => program.at(name);
    const { tx0, ty0, tx1, ty1 } = this.#range;
    const { columns, rows } = this.#window;
    const base = (tile: number, count: number): number => Math.floor(tile / count) * count * TILE_PX;
    gl.uniform1i(at("uLevel"), this.#level);
    gl.uniform2f(at("uPerSample"), 1 / (columns * TILE_PX), 1 / (rows * TILE_PX));
    gl.uniform2i(at("uBase"), base(tx0, columns), base(ty0, rows));
    gl.uniform4i(at("uShown"), tx0 * TILE_PX, ty0 * TILE_PX, tx1 * TILE_PX, ty1 * TILE_PX);
    gl.uniform2i(at("uImage"), image.width, image.height);
  }

  #paintFor({ overlay, colourOf, selected, camera, cursor }: Scene): Program {
    const kind = {
      overlaps: this.#window.overlaps,
      table: colourOf !== null || selected.length > 1,
      hidden: !overlay.visible,
      grid: overlay.grid && camera.zoom >= GRID_ZOOM,
      pen: cursor !== null,
    };
    const key = JSON.stringify(kind);
    const program = this.#paints.get(key) ?? programOf(this.gl, labelShader(kind));
    this.#paints.set(key, program);
    return program;
  }

  #setPaint(program: Program, scene: Scene): void {
    const { overlay, camera, size, selected, hovered, colourOf } = scene;
    const { gl } = this;
    const at = (name: string): WebGLUniformLocation | null => program.at(name);
    const [width, height] = deviceSize(scene);
    const line = (css_px: number): number => Math.max(1, Math.round((css_px + Number(camera.zoom >= 2)) * size.density));
    gl.uniform1i(at("uColourByTable"), Number(colourOf !== null));
    gl.uniform2f(at("uTableSize"), TABLE_COLUMNS, this.#table.rows);
    gl.uniform1ui(at("uColours"), CELL_COLOURS.length);
    gl.uniform1f(at("uFill"), overlay.fillOpacity);
    gl.uniform3i(at("uLine"), overlay.outlines ? line(1) : 0, line(1), line(2));
    gl.uniform1f(at("uLineStrength"), lineStrength(camera.zoom));
    gl.uniform1f(at("uDensity"), size.density);
    gl.uniform2f(at("uPerPx"), 1 / width, 1 / height);
    gl.uniform1ui(at("uPrimary"), selected[0] ?? 0);
    gl.uniform1ui(at("uHovered"), hovered);
  }

  #setPen(program: Program, { cursor, camera, size }: Scene): void {
    const corner = viewRect(camera, size);
    const [x, y] = cursor ? [cursor.at.x - Math.floor(corner.x0), cursor.at.y - Math.floor(corner.y0)] : [0, 0];
    const radius = cursor ? Math.max(cursor.diameter_px / 2, 2.5 / camera.zoom) : 0;
    this.gl.uniform4f(program.at("uPen"), x, y, radius, cursor ? (cursor.kind === "brush" ? 1 : 2) : 0);
  }

  destroy(): void {
    this.#window.clear();
    this.#cells.destroy();
    this.#stubs.destroy();
    this.gl.deleteTexture(this.#palette);
    this.gl.deleteTexture(this.#table.texture);
  }
}

function paletteOf(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = textureOf(gl, gl.RGBA8, CELL_COLOURS.length, 1);
  const data = Uint8Array.from(CELL_COLOURS.flatMap((colour) => [...rgbOf(colour), 255]));
  gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, CELL_COLOURS.length, 1, gl.RGBA, gl.UNSIGNED_BYTE, data);
  return texture;
}
