/** A second canvas above the picture: drawn at most once a frame, and only when something on it differs. */
import { CellPaths } from "./cell-paths";
import { drawCrosshair } from "./crosshair-layer";
import { drawDraft } from "./draft-layer";
import { marksLayer } from "./marks-layer";
import { drawNames } from "./names-layer";
import { othersLayer } from "./others-layer";
import type { Layer, OverlayScene } from "./overlay-scene";
import { drawValues } from "./values-layer";

export class OverlayCanvas {
  readonly #element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #layers: readonly Layer[];
  #asked = 0;
  #drawn: readonly unknown[] = [];

  constructor(
    private readonly under: HTMLCanvasElement,
    /** Null while there is nothing to draw. */
    private readonly scene: () => OverlayScene | null,
  ) {
    this.#element = document.createElement("canvas");
    this.#element.dataset.overlay = "";
    this.#element.setAttribute("aria-hidden", "true");
    Object.assign(this.#element.style, { position: "absolute", pointerEvents: "none", display: "none" });
    under.after(this.#element);
    // Drawn by the processor everywhere: a long outline costs a graphics card, and above all an imitated one, many times more.
    this.#context = this.#element.getContext("2d", { willReadFrequently: true });
    const paths = new CellPaths();
    this.#layers = [drawValues, marksLayer(paths), drawNames, drawCrosshair, othersLayer(paths), drawDraft];
  }

  /** Something may have changed. */
  ask(): void {
    this.#asked ||= requestAnimationFrame(() => this.drawNow());
  }

  drawNow(): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = 0;
    const scene = this.scene();
    if (!scene || !this.#context) return;
    const inputs = inputsOf(scene);
    if (inputs.length === this.#drawn.length && inputs.every((input, i) => input === this.#drawn[i])) return;
    this.#drawn = inputs;
    this.#draw(this.#context, scene);
  }

  /** An empty canvas is taken away: the browser then has one layer less to lay over the picture at every stroke. */
  #draw(context: CanvasRenderingContext2D, scene: OverlayScene): void {
    this.#fit(context, scene);
    let any = false;
    for (const layer of this.#layers) {
      context.save();
      any = layer(context, scene) || any;
      context.restore();
    }
    this.#element.style.display = any ? "block" : "none";
  }

  /** Lies exactly over the picture, device pixel on device pixel; empty afterwards. */
  #fit(context: CanvasRenderingContext2D, { size }: OverlayScene): void {
    const { under } = this;
    const element = this.#element;
    const [width, height] = [Math.round(size.width * size.density), Math.round(size.height * size.density)];
    if (element.width !== width || element.height !== height) Object.assign(element, { width, height });
    const [left, top] = [`${under.offsetLeft}px`, `${under.offsetTop}px`];
    Object.assign(element.style, { left, top, width: `${size.width}px`, height: `${size.height}px` });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.scale(size.density, size.density);
  }

  destroy(): void {
    cancelAnimationFrame(this.#asked);
    this.#element.remove();
  }
}

/** What must be equal for the last drawing to be still right. Labels count only where something drawn hangs on them. */
function inputsOf(scene: OverlayScene): readonly unknown[] {
  const { camera, size, overlay } = scene;
  const place = [camera.x, camera.y, camera.zoom, size.width, size.height, size.density, scene.t, scene.z];
  const onLabels = overlay.names !== "none" || scene.marked.size > 0 || scene.others.some((other) => other.cells.length > 0);
  return [
    ...place, scene.draft, scene.others, scene.crosshair, overlay, scene.channels, scene.pixelsVersion,
    ...(onLabels ? [scene.labels, scene.labelsVersion, scene.factsVersion] : []),
  ];
}
