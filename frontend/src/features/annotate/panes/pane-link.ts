import type { Camera, Editor, Hover, Point } from "@/editor";

/** What a pane shows in its own way; the rest follows the picture. */
export interface Follow {
  /** Channels shown in it; null: those of the picture. */
  readonly channels: readonly number[] | null;
  readonly dt: number;
  readonly dz: number;
  /** False: raw. */
  readonly labels: boolean;
  /** Its cells have the numbers of the picture's: a cell chosen in one is chosen in the other. */
  readonly sameCells: boolean;
}

export type Linked = Pick<Editor, "state" | "dispatch" | "subscribe">;

/**
 * Keeps panes in step with the picture. Frame, channels, overlay and selection go from the picture to the panes; camera
 * and cursor, and cells chosen by a click, go from any to all others.
 */
export class PaneLink {
  readonly #panes = new Map<Linked, Follow>();
  #camera: Camera | null = null;
  /** Who has the pointer. */
  #pointed: Linked | null = null;
  readonly #hovers = new Map<Linked, Hover | null>();
  /** Set while there are panes. */
  #leavePicture: (() => void) | null = null;

  constructor(private readonly picture: Linked) {}

  join(pane: Linked, follow: Follow): () => void {
    this.#panes.set(pane, follow);
    this.#leavePicture ??= this.picture.subscribe(() => this.#pictureMoved());
    this.#camera = this.picture.state().camera;
    this.#follow(pane, follow);
    const leave = pane.subscribe(() => this.#paneMoved(pane));
    return () => {
      leave();
      this.#panes.delete(pane);
      this.#hovers.delete(pane);
      if (this.#panes.size === 0) this.#end();
    };
  }

  #pictureMoved(): void {
    this.#takeCamera(this.picture);
    this.#takeHover(this.picture);
    for (const [pane, follow] of this.#panes) this.#follow(pane, follow);
  }

  #paneMoved(pane: Linked): void {
    const follow = this.#panes.get(pane);
    if (!follow || !pane.state().document) return;
    this.#takeCamera(pane);
    this.#takeHover(pane);
    const { selected } = pane.state();
    if (follow.sameCells && !sameCells(selected, this.picture.state().selected)) this.picture.dispatch({ kind: "select", cells: selected });
  }

  // ------------------------------------------------------------ from the picture

  #follow(pane: Linked, follow: Follow): void {
    const [now, wanted] = [pane.state(), this.picture.state()];
    if (!now.document || !wanted.document) return;
    const { t: frames, z: planes } = wanted.document.size;
    const [t, z] = [within(wanted.t + follow.dt, frames), within(wanted.z + follow.dz, planes)];
    if (now.t !== t || now.z !== z) pane.dispatch({ kind: "frame.go", t, z });
    if (!sameCamera(now.camera, wanted.camera)) pane.dispatch({ kind: "camera.set", camera: wanted.camera });
    wanted.channels.forEach((look, channel) => {
      const visible = follow.channels ? follow.channels.includes(channel) : look.visible;
      if (!sameFields(now.channels[channel], { ...look, visible })) pane.dispatch({ kind: "channel.set", channel, view: { ...look, visible } });
    });
    const overlay = { ...wanted.overlay, visible: wanted.overlay.visible && follow.labels };
    if (!sameFields(now.overlay, overlay)) pane.dispatch({ kind: "overlay.set", overlay });
    const selected = follow.sameCells ? wanted.selected : [];
    if (!sameCells(now.selected, selected)) pane.dispatch({ kind: "select", cells: selected });
  }

  // ------------------------------------------------------------ from any to all

  #takeCamera(from: Linked): void {
    const { camera } = from.state();
    if (this.#camera && sameCamera(camera, this.#camera)) return;
    this.#camera = camera;
    for (const other of this.#others(from)) if (!sameCamera(other.state().camera, camera)) other.dispatch({ kind: "camera.set", camera });
  }

  /** Only one of them has the pointer: the one that last told of it. That it has left another says nothing. */
  #takeHover(from: Linked): void {
    const { hover } = from.state();
    if (hover === (this.#hovers.get(from) ?? null)) return;
    this.#hovers.set(from, hover);
    if (hover === null && this.#pointed !== from) return;
    this.#pointed = hover && from;
    const at = hover && { x: hover.x + 0.5, y: hover.y + 0.5 };
    for (const one of [from, ...this.#others(from)]) show(one, one === from ? null : at);
  }

  #others(from: Linked): Linked[] {
    return [this.picture, ...this.#panes.keys()].filter((one) => one !== from && one.state().document !== null);
  }

  #end(): void {
    this.#leavePicture?.();
    this.#leavePicture = null;
    show(this.picture, null);
  }
}

/** The lines of orthogonal views stay. */
function show(pane: Linked, at: Point | null): void {
  const { crosshair } = pane.state();
  if (crosshair?.kind === "planes" || (crosshair?.at.x === at?.x && crosshair?.at.y === at?.y)) return;
  pane.dispatch({ kind: "crosshair.set", crosshair: at && { at, kind: "pointer" } });
}

const within = (value: number, count: number): number => Math.min(count - 1, Math.max(0, value));

const sameCamera = (a: Camera, b: Camera): boolean => a.x === b.x && a.y === b.y && a.zoom === b.zoom;

const sameCells = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((cell, i) => cell === b[i]);

const sameFields = <T extends object>(a: T | undefined, b: T): boolean =>
  a !== undefined && (Object.keys(b) as (keyof T)[]).every((key) => a[key] === b[key]);
