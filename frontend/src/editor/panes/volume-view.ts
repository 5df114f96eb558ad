/** The masks of a stack as bodies: turned by mouse, touch and keys; a click picks a cell. */
import type { Rgb } from "../view/palette";
import { bindTexture, programOf, textureOf } from "../view/webgl/program";
import type { Program } from "../view/webgl/program";
import { FIRST_ORBIT, firstHit, lensOf, rayAt } from "./orbit";
import type { Orbit, Vec3 } from "./orbit";
import { listenToOrbit } from "./orbit-input";
import type { Volume } from "./volume";
import { VOLUME_SHADER } from "./volume-shader";

export interface VolumeOptions {
  /** Distance of planes in widths of a pixel. */
  readonly z_per_x: number;
  readonly background: Rgb;
  /** A click has met a cell, or nothing. */
  readonly onPick: (cell: number | null) => void;
  readonly onError: (error: unknown) => void;
}

export interface VolumeState {
  readonly selected: readonly number[];
  readonly colourOf: (cell: number) => Rgb;
}

const BLOCK = 8;
const COLUMNS = 256;
/** While it turns, a slow machine draws fewer pixels: so long may one picture take, ms. */
const TURNING_MS = 40;
const REST_MS = 160;

export class VolumeView {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: Program;
  #volume: Volume | null = null;
  #box: WebGLTexture | null = null;
  #blocks: WebGLTexture | null = null;
  #colours: WebGLTexture | null = null;
  #state: VolumeState | null = null;
  #orbit: Orbit = FIRST_ORBIT;
  /** Device px per drawn px while turning. */
  #coarse = 1;
  #asked = 0;
  #rest = 0;
  readonly #unbind: (() => void)[];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly options: VolumeOptions,
  ) {
    const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("This browser offers no WebGL2, which the volume view needs; the orthogonal views show the same masks.");
    this.#gl = gl;
    this.#program = programOf(gl, VOLUME_SHADER);
    const watch = new ResizeObserver(() => this.#ask());
    watch.observe(canvas);
    const hands = listenToOrbit(canvas, { orbit: () => this.#orbit, turn: (orbit) => this.#turn(orbit), pick: (u, v) => options.onPick(this.cellAt(u, v)) });
    this.#unbind = [() => watch.disconnect(), hands];
  }

  /** Other labels. */
  load(volume: Volume): void {
    const gl = this.#gl;
    for (const texture of [this.#box, this.#blocks]) gl.deleteTexture(texture);
    this.#volume = volume;
    this.#box = texture3d(gl, volume.width, volume.height, volume.depth, volume.data);
    const [bx, by, bz] = [volume.width, volume.height, volume.depth].map((n) => Math.ceil(n / BLOCK));
    this.#blocks = texture3d(gl, bx, by, bz, blocksOf(volume, bx, by, bz));
    this.#paintColours();
    this.#ask();
  }

  show(state: VolumeState): void {
    this.#state = state;
    this.#paintColours();
    this.#ask();
  }

  /** For tests and links: how it is turned. */
  get orbit(): Orbit {
    return this.#orbit;
  }

  #turn(orbit: Orbit): void {
    this.#orbit = orbit;
    clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => {
      this.#rest = 0;
      this.#ask();
    }, REST_MS);
    this.#ask();
  }

  // ------------------------------------------------------------ picking

  #size(volume: Volume): Vec3 {
    return [volume.width * volume.step, volume.height * volume.step, volume.depth * volume.z_step * this.options.z_per_x];
  }

  /** Cell at a place of the view: u to the right, v downwards, from -1 to 1 over its height. */
  cellAt(u: number, v: number): number | null {
    const volume = this.#volume;
    if (!volume) return null;
    const size = this.#size(volume);
    const hit = firstHit(rayAt(lensOf(this.#orbit, size), u, v), size, [volume.width, volume.height, volume.depth], (at) => volume.data[at] !== 0);
    return hit < 0 ? null : volume.cells[volume.data[hit] - 1];
  }

  // ------------------------------------------------------------ drawing

  #paintColours(): void {
    const [volume, state, gl] = [this.#volume, this.#state, this.#gl];
    if (!volume || !state) return;
    const rows = Math.floor(volume.cells.length / COLUMNS) + 1;
    const data = new Uint8Array(rows * COLUMNS * 4);
    const chosen = new Set(state.selected);
    volume.cells.forEach((cell, i) => data.set([...state.colourOf(cell), chosen.has(cell) ? 255 : 0], (i + 1) * 4));
    gl.deleteTexture(this.#colours);
    this.#colours = textureOf(gl, gl.RGBA8, COLUMNS, rows);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, COLUMNS, rows, gl.RGBA, gl.UNSIGNED_BYTE, data);
  }

  #ask(): void {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      try {
        this.#draw();
      } catch (error) {
        this.options.onError(error);
      }
    });
  }

  /** While it turns only as fine as the machine can; whole when it rests. */
  #draw(): void {
    const [volume, gl] = [this.#volume, this.#gl];
    const turning = this.#rest !== 0;
    const fineness = window.devicePixelRatio / (turning ? this.#coarse : 1);
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((n) => Math.max(1, Math.round(n * fineness)));
    if (!volume || gl.isContextLost()) return;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const began = performance.now();
    gl.viewport(0, 0, width, height);
    gl.useProgram(this.#program.handle);
    this.#setUniforms(volume, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    if (turning) this.#adapt(began, width, height);
  }

  /** Reading a pixel back waits for the picture: the only honest clock there is. */
  #adapt(began: number, width: number, height: number): void {
    const gl = this.#gl;
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    const took = performance.now() - began;
    if (took > TURNING_MS && Math.min(width, height) > 96) this.#coarse = Math.min(8, this.#coarse * 1.5);
    else if (took < TURNING_MS / 3) this.#coarse = Math.max(1, this.#coarse / 1.5);
  }

  #setUniforms(volume: Volume, width: number, height: number): void {
    const gl = this.#gl;
    const at = (name: string): WebGLUniformLocation | null => this.#program.at(name);
    const size = this.#size(volume);
    const { right, down, forward, half, middle } = lensOf(this.#orbit, size);
    for (const [name, value] of Object.entries({ uCounts: [volume.width, volume.height, volume.depth], uSize: size, uRight: right, uDown: down, uForward: forward, uMiddle: middle, uGround: this.options.background.map((n) => n / 255) })) {
      gl.uniform3fv(at(name), value);
    }
    gl.uniform1f(at("uHalf"), half);
    gl.uniform2f(at("uView"), width, height);
    gl.uniform1i(at("uMostSteps"), volume.width + volume.height + volume.depth);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_3D, this.#box);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_3D, this.#blocks);
    bindTexture(gl, 2, this.#colours);
    gl.uniform1i(at("uVolume"), 0);
    gl.uniform1i(at("uBlocks"), 1);
    gl.uniform1i(at("uColours"), 2);
  }

  destroy(): void {
    cancelAnimationFrame(this.#asked);
    clearTimeout(this.#rest);
    for (const unbind of this.#unbind) unbind();
    for (const texture of [this.#box, this.#blocks, this.#colours]) this.#gl.deleteTexture(texture);
    this.#gl.deleteProgram(this.#program.handle);
  }
}

function texture3d(gl: WebGL2RenderingContext, width: number, height: number, depth: number, data: Uint16Array): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE3);
  gl.bindTexture(gl.TEXTURE_3D, texture);
  gl.texStorage3D(gl.TEXTURE_3D, 1, gl.R16UI, width, height, depth);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_3D, name, gl.NEAREST);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) gl.texParameteri(gl.TEXTURE_3D, name, gl.CLAMP_TO_EDGE);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texSubImage3D(gl.TEXTURE_3D, 0, 0, 0, 0, width, height, depth, gl.RED_INTEGER, gl.UNSIGNED_SHORT, data);
  return texture;
}

/** 1 for each block of 8 voxels an edge that holds anything. */
export function blocksOf({ width, height, data }: Volume, bx: number, by: number, bz: number): Uint16Array {
  const blocks = new Uint16Array(bx * by * bz);
  for (let at = 0; at < data.length; at++) {
    if (data[at] === 0) continue;
    const x = at % width;
    const row = (at - x) / width;
    const y = row % height;
    blocks[(Math.floor((row - y) / height / BLOCK) * by + Math.floor(y / BLOCK)) * bx + Math.floor(x / BLOCK)] = 1;
  }
  return blocks;
}
