/** One pane that cuts the stack across its planes: xz under the picture, yz beside it, at the picture's own scale. */
import { clamp } from "../core/geometry";
import type { Camera } from "../door";
import { paintSlice } from "./slice-picture";
import type { SliceLook, SliceSource } from "./slice-picture";
import type { Stack } from "./stack";

/** A voxel; whole numbers. */
export interface Voxel {
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

export interface SliceState extends SliceLook {
  readonly at: Voxel;
  readonly camera: Camera;
}

export interface SliceOptions {
  readonly plane: "xz" | "yz";
  readonly stack: Stack;
  /** Distance of planes in widths of a pixel. */
  readonly z_per_x: number;
  /** A click or a drag names another voxel. */
  readonly onMove: (at: Voxel) => void;
}

const LINE = "rgb(255 225 77 / 85%)";

export class SliceView {
  readonly #context: CanvasRenderingContext2D | null;
  #state: SliceState | null = null;
  #asked = 0;
  #slice: { key: string; cells: Uint32Array } = { key: "", cells: new Uint32Array(0) };
  readonly #unbind: (() => void)[];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly options: SliceOptions,
  ) {
    this.#context = canvas.getContext("2d", { willReadFrequently: true });
    const watch = new ResizeObserver(() => this.#ask());
    watch.observe(canvas);
    this.#unbind = [() => watch.disconnect(), options.stack.subscribe(() => this.#ask()), this.#listen()];
  }

  show(state: SliceState): void {
    this.#state = state;
    this.#ask();
  }

  #ask(): void {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#draw();
    });
  }

  // ------------------------------------------------------------ where things are

  /** Offset and scale (CSS px a voxel) along the plane's picture axis and along z. */
  #axes(): { along: Axis; depth: Axis } {
    const { plane, stack, z_per_x } = this.options;
    const { camera, at } = this.#state ?? { camera: { x: 0, y: 0, zoom: 1 }, at: { z: 0 } };
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const [length, thickness] = plane === "xz" ? [width, height] : [height, width];
    const middle = plane === "xz" ? camera.x : camera.y;
    const along = { start: length / 2 - middle * camera.zoom, scale: camera.zoom };
    return { along, depth: depthAxis(stack.document.size.z, camera.zoom * z_per_x, thickness, at.z) };
  }

  #voxelAt(event: PointerEvent): Voxel {
    const { plane, stack } = this.options;
    const { size } = stack.document;
    const { along, depth } = this.#axes();
    const [a, d] = plane === "xz" ? [event.offsetX, event.offsetY] : [event.offsetY, event.offsetX];
    const n = clamp(Math.floor((a - along.start) / along.scale), 0, (plane === "xz" ? size.x : size.y) - 1);
    const z = clamp(Math.floor((d - depth.start) / depth.scale), 0, size.z - 1);
    const { at } = this.#state ?? { at: { z: 0, y: 0, x: 0 } };
    return plane === "xz" ? { ...at, x: n, z } : { ...at, y: n, z };
  }

  #listen(): () => void {
    const move = (event: PointerEvent): void => {
      if (this.#state && (event.buttons & 1) === 1) this.options.onMove(this.#voxelAt(event));
    };
    const down = (event: PointerEvent): void => {
      this.canvas.setPointerCapture(event.pointerId);
      move(event);
    };
    this.canvas.style.touchAction = "none";
    this.canvas.addEventListener("pointerdown", down);
    this.canvas.addEventListener("pointermove", move);
    return () => {
      this.canvas.removeEventListener("pointerdown", down);
      this.canvas.removeEventListener("pointermove", move);
    };
  }

  // ------------------------------------------------------------ drawing

  #draw(): void {
    const [context, state] = [this.#context, this.#state];
    const density = window.devicePixelRatio;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((n) => Math.round(n * density));
    if (!context || !state || width === 0 || height === 0) return;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const line = Math.max(1, Math.round((state.camera.zoom >= 2 ? 2 : 1) * density)); // as wide as in the picture
    const rgba = paintSlice(this.#source(state, width, height, density), state, line);
    context.putImageData(new ImageData(rgba, width, height), 0, 0);
    this.#drawCross(context, state, density);
  }

  #source({ at }: SliceState, width: number, height: number, density: number): SliceSource {
    const { plane, stack } = this.options;
    const { size } = stack.document;
    const { along, depth } = this.#axes();
    const cells = this.#cells(at);
    const { pixels } = stack;
    if (plane === "xz") {
      return {
        columns: voxelsOf(width, along, density, size.x),
        rows: voxelsOf(height, depth, density, size.z),
        value: (c) => { const read = pixels.reader(c); return (x, z) => read(z, at.y, x); },
        cell: (x, z) => cells[z * size.x + x],
      };
    }
    return {
      columns: voxelsOf(width, depth, density, size.z),
      rows: voxelsOf(height, along, density, size.y),
      value: (c) => { const read = pixels.reader(c); return (z, y) => read(z, y, at.x); },
      cell: (z, y) => cells[y * size.z + z],
    };
  }

  /** Cut anew only for another place or other labels, not at every pan. */
  #cells(at: Voxel): Uint32Array {
    const { plane, stack } = this.options;
    const key = `${plane === "xz" ? at.y : at.x} ${stack.labelsVersion}`;
    if (key !== this.#slice.key) this.#slice = { key, cells: plane === "xz" ? stack.labels.xz(at.y) : stack.labels.yz(at.x) };
    return this.#slice.cells;
  }

  #drawCross(context: CanvasRenderingContext2D, { at }: SliceState, density: number): void {
    const { along, depth } = this.#axes();
    const a = along.start + ((this.options.plane === "xz" ? at.x : at.y) + 0.5) * along.scale;
    const d = depth.start + (at.z + 0.5) * depth.scale;
    const [x, y] = this.options.plane === "xz" ? [a, d] : [d, a];
    context.save();
    context.scale(density, density);
    context.fillStyle = LINE;
    context.fillRect(Math.round(x) - 0.5, 0, 1, this.canvas.clientHeight);
    context.fillRect(0, Math.round(y) - 0.5, this.canvas.clientWidth, 1);
    context.restore();
  }

  destroy(): void {
    cancelAnimationFrame(this.#asked);
    for (const unbind of this.#unbind) unbind();
  }
}

interface Axis {
  readonly start: number;
  readonly scale: number;
}

/** All planes in the middle of the pane; where there is no room for all, the present one stays in sight. */
export function depthAxis(count: number, scale: number, room: number, z: number): Axis {
  const whole = count * scale;
  if (whole <= room) return { start: (room - whole) / 2, scale };
  return { start: clamp(room / 2 - (z + 0.5) * scale, room - whole, 0), scale };
}

/** Voxel under the middle of each device pixel, -1 outside. */
export function voxelsOf(pixels: number, { start, scale }: Axis, density: number, count: number): Int32Array {
  return Int32Array.from({ length: pixels }, (_, i) => {
    const voxel = Math.floor(((i + 0.5) / density - start) / scale);
    return voxel >= 0 && voxel < count ? voxel : -1;
  });
}
