/** What follows a pointer over the picture: the pen's ring, the read-out, the cell under it. */
import { rectOf } from "./core/geometry";
import type { Point, Rect } from "./core/geometry";
import type { Hover } from "./door";
import type { OpenDocument } from "./open-document";
import type { SceneMaker } from "./scene-maker";
import { TOOLS } from "./tools/tools";
import type { Screen } from "./view/screen";

/** The pointer rests when it has not moved for so long, ms. */
const REST_MS = 120;

export class Hovering {
  #resting = 0;
  #ring: Rect | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly scenes: SceneMaker,
    private readonly renderer: Screen,
  ) {}

  /** Null: the pointer has left. */
  move(open: OpenDocument | null, at: Point | null): void {
    if (!open) return;
    this.canvas.style.cursor = TOOLS[open.outlook.tool].cursor;
    this.scenes.pointer = at;
    this.penChanged(open);
    const hover = at && open.hoverAt(at);
    if (!sameHover(hover, open.outlook.hover)) this.#tell(open, hover);
    clearTimeout(this.#resting);
    this.#resting = window.setTimeout(() => rest(open), REST_MS);
  }

  /** Redraws where the pen's ring was and where it is now. */
  penChanged(open: OpenDocument | null): void {
    const before = this.#ring;
    this.#ring = this.scenes.penRect(open);
    for (const rect of [before, this.#ring]) if (rect) this.renderer.invalidateRect(rect);
  }

  #tell(open: OpenDocument, hover: Hover | null): void {
    const before = open.outlook.hover?.cells[0];
    open.set({ hover });
    const now = hover?.cells[0];
    if (before !== now && !open.session.isDrawing) for (const cell of [before, now]) this.redraw(open, cell);
  }

  /** A cell that looks different now. */
  redraw(open: OpenDocument, cell: number | undefined): void {
    const measure = cell === undefined ? null : open.frame()?.measure(cell);
    const rect = measure ? rectOf(measure.bounds) : cell === undefined ? null : open.stubs?.rectOf(cell);
    if (rect) this.renderer.invalidateRect(rect);
  }

  destroy(): void {
    clearTimeout(this.#resting);
  }
}

function rest(open: OpenDocument): void {
  const { hover } = open.outlook;
  if (hover?.values.includes(null)) open.readHovered(hover);
}

function sameHover(a: Hover | null, b: Hover | null): boolean {
  if (a === null || b === null) return a === b;
  return a.x === b.x && a.y === b.y && sameList(a.values, b.values) && sameList(a.cells, b.cells);
}

const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
