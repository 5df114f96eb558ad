/** One thing that a key, a button or the command palette can name. */
import type { ActionGroup, ActionInfo, Command, EditorState, ToolName } from "@/editor/door";

export interface Action extends ActionInfo {
  /** Null when there is nothing to do now; undefined when the host is asked now. */
  readonly command?: (state: EditorState) => Command | null | undefined;
}

export const does = (group: ActionGroup, action: string, title: string, command: (state: EditorState) => Command | null | undefined): Action => ({ action, title, group, command });

/** The page around the editor answers it. */
export const hosts = (action: string, title: string, group: ActionGroup = "Work"): Action => ({ action, title, group, host: true });

export const tool = (name: ToolName, title: string): Action => does("Tools", `tool.${name}`, title, () => ({ kind: "tool", tool: name }));
