/** What keeps a canvas showing the scene: with WebGL2, or in plain code where a browser offers none. */
import type { Rect, TileKey } from "../core/geometry";
import type { Camera } from "../door";

export interface Screen {
  /** The camera has moved and nothing else has changed. */
  moved(before: Camera, after: Camera): void;
  /** Camera, channels, frame, size: everything. */
  invalidate(): void;
  /** Only how labels are painted: overlay settings. */
  invalidateLabels(): void;
  /** Pixels of the base picture have come for a rectangle of the image. */
  invalidateBase(rect: Rect): void;
  /** Something over a rectangle of the image looks different: hover, pen. */
  invalidateRect(rect: Rect): void;
  /** Labels were written within one tile. */
  labelsChanged(key: TileKey, rect: Rect): void;
  /** Labels of the shown frame were replaced as a whole. */
  labelsReplaced(): void;
  /** Labels of a rectangle of the image have come, or points instead of them. */
  regionCame(rect: Rect): void;
  /** Another document: nothing of the old one may be shown. */
  clear(): void;
  /** Resolves after the draw that is due, at once when none is. */
  drawn(): Promise<void>;
  destroy(): void;
}
