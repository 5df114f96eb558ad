/** Cells with a mark: ignored ones are hatched, locked ones carry a lock. */
import type { CellMeasure } from "@/editor/core/frame-labels";
import type { CellPaths } from "./cell-paths";
import { onPath } from "./draft-layer";
import { DARK, LIGHT, hatch } from "./ink";
import { onCanvas } from "./overlay-scene";
import type { Layer, OverlayScene } from "./overlay-scene";

const HATCH_INK = "rgb(214 219 226 / 85%)";
/** A cell must be so wide on the screen to carry a lock, CSS px. */
const LOCK_ROOM_PX = 22;
/** More marks than this in one frame are not drawn one by one. */
const MOST_MARKS = 2000;

export function marksLayer(paths: CellPaths): Layer {
  return (context, scene) => {
    const { labels, overlay } = scene;
    if (!labels || !overlay.visible || scene.marked.size === 0) return false;
    let drawn = 0;
    for (const cell of scene.marked) {
      if (!labels.has(cell) || drawn >= MOST_MARKS) continue;
      drawn++;
      const facts = scene.factsOf(cell);
      if (facts?.ignored) drawIgnored(context, scene, cell, paths);
      if (facts?.locked) drawLocked(context, scene, labels.measure(cell));
    }
    return drawn > 0;
  };
}

function drawIgnored(context: CanvasRenderingContext2D, scene: OverlayScene, cell: number, paths: CellPaths): void {
  if (!scene.labels) return;
  onPath(context, scene, paths.get(scene.labels, scene.labelsVersion, cell), (path) => {
    context.globalAlpha = 0.7;
    hatch(context, path, HATCH_INK, scene.size.density);
    context.globalAlpha = 1;
  });
}

function drawLocked(context: CanvasRenderingContext2D, scene: OverlayScene, measure: CellMeasure | null): void {
  if (!measure) return;
  const { bounds, centroid_x, centroid_y } = measure;
  const room = Math.min(bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min) * scene.camera.zoom;
  if (room < LOCK_ROOM_PX) return;
  const { x, y } = onCanvas(scene, { x: centroid_x + 0.5, y: centroid_y + 0.5 });
  if (x > -20 && y > -20 && x < scene.size.width + 20 && y < scene.size.height + 20) drawLock(context, x, y);
}

/** 11 × 13 px: a bow and a body. */
function drawLock(context: CanvasRenderingContext2D, x: number, y: number): void {
  const bow = new Path2D();
  bow.arc(x, y - 2.5, 3, Math.PI, 0);
  bow.lineTo(x + 3, y);
  bow.moveTo(x - 3, y - 2.5);
  bow.lineTo(x - 3, y);
  const body = new Path2D();
  body.roundRect(x - 5, y - 0.5, 10, 7.5, 1.5);
  context.setLineDash([]);
  for (const [color, wider] of [[DARK, 2.4], [LIGHT, 0]] as const) {
    context.strokeStyle = color;
    context.lineWidth = 1.7 + wider;
    context.stroke(bow);
    context.lineWidth = wider;
    context.fillStyle = color;
    if (wider > 0) context.stroke(body);
    context.fill(body);
  }
  context.fillStyle = DARK;
  context.fillRect(x - 0.8, y + 1.8, 1.6, 3);
}
