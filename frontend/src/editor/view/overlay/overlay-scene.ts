/** All that is drawn above the picture. The layers read it and never write. */
import type { CellFacts } from "@/editor/core/edit";
import type { Point } from "@/editor/core/geometry";
import type { Crosshair, Draft, Other } from "@/editor/door";
import { toCanvas } from "../camera";
import type { Scene } from "../scene";

export interface OverlayScene extends Pick<
  Scene,
  "size" | "image" | "camera" | "t" | "z" | "channels" | "overlay" | "labels" | "pixels" | "pixelTilePx" | "pixelType" | "selected"
> {
  readonly draft: Draft | null;
  readonly others: readonly Other[];
  readonly crosshair: Crosshair | null;
  readonly factsOf: (cell: number) => CellFacts | null;
  /** Cells that are locked or ignored. */
  readonly marked: ReadonlySet<number>;
  readonly className: (id: string) => string | null;
  /** Count changes of labels, of facts, of pixel tiles that are here. */
  readonly labelsVersion: number;
  readonly factsVersion: number;
  readonly pixelsVersion: number;
}

/** Draws its part; answers whether it has drawn anything. The context counts in CSS px of the canvas. */
export type Layer = (context: CanvasRenderingContext2D, scene: OverlayScene) => boolean;

export const onCanvas = (scene: OverlayScene, at: Point): Point => toCanvas(scene.camera, scene.size, at);

/** Runs `draw` with a context that counts in image px from `origin`: small numbers, so that nothing trembles far out on a slide. */
export function inImage(context: CanvasRenderingContext2D, scene: OverlayScene, origin: Point, draw: () => void): void {
  const { x, y } = onCanvas(scene, origin);
  const { zoom } = scene.camera;
  context.save();
  context.translate(x, y);
  context.scale(zoom, zoom);
  draw();
  context.restore();
}
