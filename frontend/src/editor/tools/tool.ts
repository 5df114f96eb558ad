/** A tool turns the story of a pointer into commands. It keeps nothing and draws nothing. */
import type { Command, EditorState } from "../door";
import type { Point } from "../core/geometry";

export interface PointerStory {
  /** `hover`: it moves over the picture with no button down; told only to tools that listen. */
  readonly kind: "down" | "move" | "up" | "hover";
  readonly at: Point;
  /** All samples since the last story, the newest last; of a down or up just one. */
  readonly samples: readonly Point[];
  /** Where the pointer went down, image px. */
  readonly from: Point;
  /** Movement since the last story, CSS px. */
  readonly dx_px: number;
  readonly dy_px: number;
  /** Longest way from where it went down, CSS px: a click when small. */
  readonly travelled_px: number;
  readonly shift: boolean;
  /** Ctrl or Cmd. */
  readonly ctrl: boolean;
  readonly alt: boolean;
  /** 2 for the second click of a double click, of a down or up. */
  readonly clicks: number;
  /** The right button. */
  readonly right: boolean;
  /** Of a pen whose pressure counts, 0 to 1; otherwise 1 or nothing. */
  readonly pressure?: number;
}

/** What a tool may ask. */
export interface Surroundings {
  readonly state: EditorState;
  readonly cellsAt: (point: Point) => readonly number[];
}

export interface Tool {
  /** CSS cursor; the brush ring is drawn by the view. */
  readonly cursor: string;
  readonly pen: "brush" | "eraser" | null;
  /** Hears movements with no button down. */
  readonly hovers?: boolean;
  /** The right button is the tool's own; elsewhere it pans. */
  readonly right?: boolean;
  tell(story: PointerStory, around: Surroundings): readonly Command[];
}

export const CLICK_PX = 4;

export const isClick = (story: PointerStory): boolean => story.kind === "up" && story.travelled_px <= CLICK_PX;

export const panBy = (story: PointerStory): readonly Command[] =>
  story.kind === "move" ? [{ kind: "camera.pan", dx_px: story.dx_px, dy_px: story.dy_px }] : [];
