/** Number or class written on each cell, while few enough are in view to be read. */
import { TILE_PX, tileKey } from "@/editor/core/geometry";
import type { FrameLabels } from "@/editor/core/frame-labels";
import { viewRect } from "../camera";
import { eachTile, tilesIn } from "../tiles-in-view";
import { fontOf, writeWords } from "./ink";
import { onCanvas } from "./overlay-scene";
import type { Layer, OverlayScene } from "./overlay-scene";

export const MOST_NAMES = 400;
const NAME_PX = 11;
/** Wider than a tile of the view may hold: cells that only reach into the view do not count. */
const MOST_LOOKED_AT = 2000;

export interface CellName {
  readonly cell: number;
  readonly words: string;
  readonly x: number;
  readonly y: number;
}

/** What is to be written where (CSS px); [] when more than 400 cells have their middle in view. */
export function namesInView(scene: OverlayScene): CellName[] {
  const { labels, overlay, size } = scene;
  if (!labels || overlay.names === "none") return [];
  const names: CellName[] = [];
  for (const cell of cellsInView(labels, scene)) {
    const measure = labels.measure(cell);
    if (!measure) continue;
    const { x, y } = onCanvas(scene, { x: measure.centroid_x + 0.5, y: measure.centroid_y + 0.5 });
    if (x < 0 || y < 0 || x > size.width || y > size.height) continue;
    if (names.length === MOST_NAMES) return [];
    names.push({ cell, words: wordsFor(scene, cell), x, y });
  }
  return names.filter(({ words }) => words !== "");
}

function wordsFor(scene: OverlayScene, cell: number): string {
  if (scene.overlay.names === "number") return String(cell);
  const id = scene.factsOf(cell)?.class;
  return id == null ? "" : (scene.className(id) ?? "");
}

/** Cells of the tiles in view; none at all when they are far too many. */
function cellsInView(labels: FrameLabels, { camera, size, image }: OverlayScene): ReadonlySet<number> {
  const cells = new Set<number>();
  const range = tilesIn(viewRect(camera, size), { height_px: image.height, width_px: image.width, scale: 1 }, TILE_PX);
  eachTile(range, (ty, tx) => {
    if (cells.size > MOST_LOOKED_AT) return;
    for (const cell of labels.tile(tileKey(ty, tx))?.content.ids ?? []) cells.add(cell);
  });
  return cells.size > MOST_LOOKED_AT ? new Set() : cells;
}

export const drawNames: Layer = (context, scene) => {
  if (!scene.overlay.visible) return false;
  const names = namesInView(scene);
  context.font = fontOf(NAME_PX, 600);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { words, x, y } of names) writeWords(context, words, x, y);
  return names.length > 0;
};
