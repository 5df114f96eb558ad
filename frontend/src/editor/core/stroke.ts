/** Brush and eraser: one pen moving over one frame within a transaction. */
import type { FrameWriter, WriteMode } from "./frame-writer";
import type { Point } from "./geometry";
import { sweepDisc } from "./rasterize";
import type { EmitSpan } from "./rasterize";
import { StrokePath } from "./stroke-path";
import { ThinLine } from "./thin-line";

export type Pen =
  | { readonly kind: "brush"; readonly cell: number; readonly mode: WriteMode; readonly diameter_px: number }
  /** `cell: null` takes whatever lies under the pen. */
  | { readonly kind: "eraser"; readonly cell: number | null; readonly diameter_px: number };

export class Stroke {
  readonly #path: StrokePath;
  readonly #emit: EmitSpan;
  readonly #thin: ThinLine | null;
  #at: Point;
  #width_px: number;

  /** `share`: of the pen's diameter, for pens whose pressure counts. */
  constructor(
    private writer: FrameWriter,
    private readonly pen: Pen,
    start: Point,
    share = 1,
  ) {
    this.#at = start;
    this.#width_px = widthOf(pen, share);
    this.#path = new StrokePath(start);
    this.#emit = (y, x0, x1) => {
      if (pen.kind === "brush") this.writer.paint(pen.cell, pen.mode, y, x0, x1);
      else this.writer.erase(pen.cell, y, x0, x1);
    };
    this.#thin = pen.diameter_px <= 1 ? new ThinLine(start, this.#emit) : null;
    if (!this.#thin) sweepDisc(start, start, this.#width_px, this.#emit);
  }

  /** Goes on in another transaction, on what is there now. */
  moveTo(writer: FrameWriter): void {
    this.writer = writer;
  }

  extend(samples: readonly Point[], share = 1): void {
    this.#width_px = widthOf(this.pen, share);
    for (const sample of samples) for (const point of this.#path.to(sample)) this.#draw(point);
  }

  end(): void {
    this.#thin?.end();
  }

  #draw(point: Point): void {
    if (this.#thin) this.#thin.to(point);
    else sweepDisc(this.#at, point, this.#width_px, this.#emit);
    this.#at = point;
  }
}

const widthOf = ({ diameter_px }: Pen, share: number): number => Math.max(1, Math.round(diameter_px * share));
