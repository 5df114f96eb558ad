/** Every action by its name. */
import type { ActionInfo, Command, EditorState } from "@/editor/door";
import type { Action } from "./action";
import { CELL_ACTIONS } from "./cell-actions";
import { CLASS_ACTIONS } from "./class-actions";
import { GUIDED_ACTIONS } from "./guided-actions";
import { PROMPT_ACTIONS } from "./prompt-actions";
import { PROPOSAL_ACTIONS } from "./proposal-actions";
import { SERIES_ACTIONS } from "./series-actions";
import { SHAPE_ACTIONS } from "./shape-actions";
import { TOOL_ACTIONS } from "./tool-actions";
import { TRACK_ACTIONS } from "./track-actions";
import { VIEW_ACTIONS } from "./view-actions";
import { WORK_ACTIONS } from "./work-actions";

const TABLE: readonly Action[] = [
  ...TOOL_ACTIONS,
  ...SHAPE_ACTIONS,
  ...GUIDED_ACTIONS,
  ...PROMPT_ACTIONS,
  ...PROPOSAL_ACTIONS,
  ...CELL_ACTIONS,
  ...CLASS_ACTIONS,
  ...SERIES_ACTIONS,
  ...TRACK_ACTIONS,
  ...VIEW_ACTIONS,
  ...WORK_ACTIONS,
];

const BY_NAME = new Map(TABLE.map((action) => [action.action, action]));

export const ACTIONS: readonly ActionInfo[] = TABLE.map(({ action, title, group, host }) => ({ action, title, group, ...(host && { host }) }));

/** Undefined: no action of the editor has this name. Null: nothing to do now. */
export function commandFor(action: string, state: EditorState): Command | null | undefined {
  return BY_NAME.get(action)?.command?.(state);
}
