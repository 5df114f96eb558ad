/** Other people in the same picture: their pointers, and the cells that they hold. */
import type { Point } from "@/editor/core/geometry";
import type { Other } from "@/editor/door";
import type { CellPaths } from "./cell-paths";
import { onPath } from "./draft-layer";
import { DARK, LIGHT, fontOf, strokeDashed } from "./ink";
import { onCanvas } from "./overlay-scene";
import type { Layer, OverlayScene } from "./overlay-scene";

const TAG_PX = 11;

export function othersLayer(paths: CellPaths): Layer {
  return (context, scene) => {
    const here = scene.others.filter((other) => other.t === scene.t && other.z === scene.z);
    for (const other of here) drawHeld(context, scene, other, paths);
    for (const other of here) if (other.at) drawPointer(context, onCanvas(scene, other.at), other);
    return here.length > 0;
  };
}

function drawHeld(context: CanvasRenderingContext2D, scene: OverlayScene, { cells, color }: Other, paths: CellPaths): void {
  const { labels } = scene;
  if (!labels) return;
  for (const cell of cells) {
    onPath(context, scene, paths.get(labels, scene.labelsVersion, cell), (path, unit) => {
      context.globalAlpha = 0.16;
      context.fillStyle = color;
      context.fill(path, "evenodd");
      context.globalAlpha = 1;
      strokeDashed(context, path, unit, color);
    });
  }
}

/** An arrow with its owner's name. */
function drawPointer(context: CanvasRenderingContext2D, { x, y }: Point, { color, name }: Other): void {
  const arrow = new Path2D();
  for (const [dx, dy] of [[0, 0], [0, 15], [4, 11.5], [10, 11]] as const) arrow.lineTo(x + dx, y + dy);
  arrow.closePath();
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = DARK;
  context.stroke(arrow);
  context.fillStyle = color;
  context.fill(arrow);
  drawTag(context, x + 11, y + 13, name, color);
}

function drawTag(context: CanvasRenderingContext2D, x: number, y: number, name: string, color: string): void {
  context.font = fontOf(TAG_PX, 600);
  context.textAlign = "left";
  context.textBaseline = "middle";
  const width = context.measureText(name).width + 10;
  context.fillStyle = DARK;
  context.beginPath();
  context.roundRect(x, y, width, 17, 4);
  context.fill();
  context.fillStyle = color;
  context.fillRect(x, y + 3, 2, 11);
  context.fillStyle = LIGHT;
  context.fillText(name, x + 6, y + 9);
}
