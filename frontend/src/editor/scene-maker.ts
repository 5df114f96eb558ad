/** Says what is to be seen: the open document as a scene for the renderer. */
import { Colouring } from "./colouring";
import type { Point, Rect } from "./core/geometry";
import type { OpenDocument } from "./open-document";
import { TOOLS } from "./tools/tools";
import type { CanvasSize } from "./view/camera";
import type { OverlayScene } from "./view/overlay/overlay-scene";
import { CELL_COLOURS, cellColour, rgbOf } from "./view/palette";
import type { Rgb } from "./view/palette";
import type { BrushCursor, Scene } from "./view/scene";

const FIRST_PALETTE = CELL_COLOURS.map(rgbOf);

/** After a step the picture before stays so long until the new one is complete: no flicker, and never for long. ms */
const HOLD_MS = 150;

export class SceneMaker {
  /** Pointer over the picture, image px. */
  pointer: Point | null = null;
  #shown = { t: 0, z: 0 };
  #hold = 0;
  #hidden = false;
  #pixelsVersion = 0;
  readonly #colouring = new Colouring();
  readonly #background: Rgb;

  constructor(
    background: string,
    private readonly size: () => CanvasSize,
    private readonly redraw: () => void,
  ) {
    this.#background = rgbOf(background);
  }

  begin(open: OpenDocument): void {
    this.pointer = null;
    this.#colouring.forget();
    this.showNow(open);
  }

  shows(t: number, z: number): boolean {
    return this.#shown.t === t && this.#shown.z === z;
  }

  frameChanged(open: OpenDocument): void {
    clearTimeout(this.#hold);
    if (isComplete(open)) this.showNow(open);
    else this.#hold = window.setTimeout(() => this.showNow(open), HOLD_MS);
  }

  /** Something was read: perhaps the last that a held picture waited for. */
  arrived(open: OpenDocument): void {
    this.#pixelsVersion++;
    if (isComplete(open)) this.showNow(open);
  }

  showNow(open: OpenDocument): void {
    clearTimeout(this.#hold);
    const { t, z } = open.outlook;
    if (this.shows(t, z)) return;
    this.#shown = { t, z };
    this.redraw();
  }

  /** Answers whether that is a change. */
  hideLabels(hidden: boolean): boolean {
    const changed = this.#hidden !== hidden;
    this.#hidden = hidden;
    return changed;
  }

  #pen(open: OpenDocument): BrushCursor | null {
    const { tool, toolOptions } = open.outlook;
    const kind = TOOLS[tool].pen;
    return kind && this.pointer ? { at: this.pointer, diameter_px: Math.round(toolOptions.brush_px), kind } : null;
  }

  /** Image px that the pen's ring covers. */
  penRect(open: OpenDocument | null): Rect | null {
    const pen = open && this.#pen(open);
    if (!pen) return null;
    const reach = Math.max(pen.diameter_px / 2, 3 / open.outlook.camera.zoom);
    return { x0: pen.at.x - reach, y0: pen.at.y - reach, x1: pen.at.x + reach, y1: pen.at.y + reach };
  }

  scene(open: OpenDocument | null): Scene | null {
    const size = this.size();
    if (!open || size.width === 0 || size.height === 0) return null;
    const { document, outlook, store } = open;
    const { camera, channels, overlay, selected, hover } = outlook;
    return {
      size,
      image: { height: document.size.y, width: document.size.x },
      pyramid: document.pyramid,
      pixelTilePx: document.pixelTilePx,
      pixelType: document.pixelType,
      background: this.#background,
      ...this.#shown,
      camera,
      channels,
      overlay: this.#hidden ? { ...overlay, visible: false } : overlay,
      selected,
      hovered: open.session.isDrawing ? 0 : (hover?.cells[0] ?? 0),
      cursor: this.#pen(open),
      labels: open.stubs ? undefined : store.frame(this.#shown.t, this.#shown.z),
      stubs: open.stubs,
      colourOf: this.#colouring.lit(overlay, store.facts, document.classes, selected),
      topCell: store.facts.top,
      pixels: (request) => open.pixels.tile(request),
    };
  }

  colourOf(open: OpenDocument | null, cell: number): Rgb {
    const of = open && this.#colouring.of(open.outlook.overlay, open.store.facts, open.document.classes);
    return of ? of(cell) : cellColour(cell, FIRST_PALETTE);
  }

  /** What is drawn above the picture; a draft belongs to the frame that is chosen, not to one that is still held. */
  overlayScene(open: OpenDocument | null): OverlayScene | null {
    const scene = this.scene(open);
    if (!open || !scene) return null;
    const { store, document, outlook } = open;
    return {
      ...scene,
      draft: this.shows(outlook.t, outlook.z) ? outlook.draft : null,
      others: outlook.others,
      crosshair: outlook.crosshair,
      factsOf: (cell) => store.facts.get(cell),
      marked: store.facts.marked,
      className: (id) => document.classes.find((item) => item.id === id)?.name ?? null,
      labelsVersion: store.version,
      factsVersion: store.facts.version,
      pixelsVersion: this.#pixelsVersion,
    };
  }

  destroy(): void {
    clearTimeout(this.#hold);
  }
}

const isComplete = (open: OpenDocument): boolean => open.frame() !== undefined && open.pixels.missing().missing === 0;
