/** Composes the channels of every tile in view into the base picture. */
import type { PyramidLevel } from "@/editor/host";
import { toCanvas, viewRect } from "../camera";
import { intersectionOf, isEmptyRect } from "@/editor/core/geometry";
import type { Rect } from "@/editor/core/geometry";
import { rgbOf } from "../palette";
import type { Scene } from "../scene";
import { eachTile, levelFor, tilesIn } from "../tiles-in-view";
import { deviceSize, imagePerDevice, setPlace } from "./place";
import { pixelShader } from "./pixel-shader";
import { PixelTextures } from "./pixel-textures";
import { programOf, textureOf, bindTexture } from "./program";
import type { Program } from "./program";

const MOST_CHANNELS = 8;

interface Part {
  readonly texture: WebGLTexture;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export class PixelPass {
  readonly textures: PixelTextures;
  readonly #programs = new Map<string, Program>();
  #empty: WebGLTexture | null = null;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    most_bytes: number,
  ) {
    this.textures = new PixelTextures(gl, most_bytes);
  }

  /** Draws what of the picture lies in `damage` (device px from the top left) into the bound framebuffer. */
  draw(scene: Scene, damage: Rect): void {
    const { gl } = this;
    const shown = scene.channels.flatMap((channel, c) => (channel.visible ? [c] : [])).slice(0, MOST_CHANNELS);
    this.#clear(scene, damage);
    if (shown.length === 0) return;
    const level = levelFor(scene.pyramid, imagePerDevice(scene));
    const program = this.#program(scene, shown, imagePerDevice(scene) > 1.001 * scene.pyramid[level].scale);
    gl.useProgram(program.handle);
    setPlace(gl, program, scene);
    this.#setLook(program, scene, shown);
    const range = tilesIn(viewRect(scene.camera, scene.size), scene.pyramid[level], scene.pixelTilePx);
    eachTile(range, (ty, tx) => this.#drawTile(program, scene, shown, { level, ty, tx }, damage));
  }

  /** After all rectangles of a picture are drawn. */
  rest(): void {
    this.textures.trim();
  }

  #clear(scene: Scene, damage: Rect): void {
    const [r, g, b] = scene.background;
    scissor(this.gl, damage, deviceSize(scene)[1]);
    this.gl.clearColor(r / 255, g / 255, b / 255, 1);
    this.gl.clear(this.gl.COLOR_BUFFER_BIT);
  }

  #program(scene: Scene, shown: readonly number[], small: boolean): Program {
    const bent = shown.some((c) => scene.channels[c].gamma !== 1);
    const kind = { channels: shown.length, integers: scene.pixelType !== "float32", small, bent };
    const key = JSON.stringify(kind);
    const program = this.#programs.get(key) ?? programOf(this.gl, pixelShader(kind));
    this.#programs.set(key, program);
    return program;
  }

  #setLook(program: Program, scene: Scene, shown: readonly number[]): void {
    const { gl } = this;
    shown.forEach((c, i) => {
      const { min, max, gamma, invert } = scene.channels[c];
      gl.uniform4f(program.at(`uLook[${i}]`), min, 1 / Math.max(max - min, 1e-9), gamma, Number(invert));
      gl.uniform1i(program.at(`uTile${i}`), i);
    });
  }

  #drawTile(program: Program, scene: Scene, shown: readonly number[], at: { level: number; ty: number; tx: number }, damage: Rect): void {
    const { gl } = this;
    const rect = intersectionOf(deviceRect(scene, at), damage);
    if (isEmptyRect(rect)) return;
    // All parts first: an upload binds its texture to whichever unit is active.
    const parts = shown.map((c) => this.#bestPart(scene, c, at));
    const empty = this.#placeholder(scene);
    parts.forEach((part, i) => {
      this.#bindPart(program, i, part, empty);
      const colour = part ? rgbOf(scene.channels[shown[i]].color) : [0, 0, 0];
      gl.uniform3fv(program.at(`uColour[${i}]`), colour.map((value) => value / 255));
    });
    scissor(gl, rect, deviceSize(scene)[1]);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #bindPart(program: Program, i: number, part: Part | null, empty: WebGLTexture): void {
    const { gl } = this;
    bindTexture(gl, i, part?.texture ?? empty);
    gl.uniform2i(program.at(`uCorner[${i}]`), part?.x ?? 0, part?.y ?? 0);
    gl.uniform4f(program.at(`uShape[${i}]`), 1 / (part?.scale ?? 1), 1 / (part?.width ?? 1), 1 / (part?.height ?? 1), 0);
  }

  /** The tile itself, or until it is here the part of a coarser one that covers it. */
  #bestPart(scene: Scene, c: number, at: { level: number; ty: number; tx: number }): Part | null {
    const fine = scene.pyramid[at.level];
    for (let level = at.level; level < scene.pyramid.length; level++) {
      const { scale } = scene.pyramid[level];
      const [ty, tx] = [at.ty, at.tx].map((n) => Math.floor((n * fine.scale) / scale));
      const held = this.textures.get(scene, { level, t: scene.t, z: scene.z, c, ty, tx });
      if (!held) continue;
      const edge = scene.pixelTilePx * scale;
      return { texture: held.texture, width: held.tile.width, height: held.tile.height, scale, x: tx * edge, y: ty * edge };
    }
    return null;
  }

  #placeholder(scene: Scene): WebGLTexture {
    const { gl } = this;
    this.#empty ??= textureOf(gl, scene.pixelType === "float32" ? gl.R32F : gl.R8UI, 1, 1);
    return this.#empty;
  }

  /** Another picture comes. */
  clear(): void {
    this.textures.clear();
    if (this.#empty) this.gl.deleteTexture(this.#empty);
    this.#empty = null;
  }
}

/** Device pixels whose centres lie in a tile: neighbours share no pixel and leave none out. */
function deviceRect(scene: Scene, at: { level: number; ty: number; tx: number }): Rect {
  const level: PyramidLevel = scene.pyramid[at.level];
  const edge = scene.pixelTilePx * level.scale;
  const corner = (ty: number, tx: number) =>
    toCanvas(scene.camera, scene.size, { x: Math.min(tx * edge, scene.image.width), y: Math.min(ty * edge, scene.image.height) });
  const [from, to] = [corner(at.ty, at.tx), corner(at.ty + 1, at.tx + 1)];
  const px = (value: number): number => Math.ceil(value * scene.size.density - 0.5);
  return { x0: px(from.x), y0: px(from.y), x1: px(to.x), y1: px(to.y) };
}

/** From the top left, as rectangles are here, to the bottom left, as WebGL counts. */
export function scissor(gl: WebGL2RenderingContext, rect: Rect, canvasHeight: number): void {
  gl.scissor(rect.x0, canvasHeight - rect.y1, rect.x1 - rect.x0, rect.y1 - rect.y0);
}
