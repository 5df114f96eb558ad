/** With what an edit was made, for the log: the settings that its tool or action has on the options bar. */
import type { ToolName, ToolOptions } from "./door";
import type { Edit, EditParameters } from "./core/edit";
import type { LabelDocument } from "./host";
import { promptingOf } from "./prompting/prompting";
import { ACTION_SETTINGS, TOOL_SETTINGS, type ToolSetting } from "./tool-settings";

/** Names that edits carry beside those of tools; the action whose settings they have. */
const ACTIONS: Readonly<Record<string, string>> = {
  grow: "cell.grow",
  shrink: "cell.shrink",
  smooth: "cell.smooth",
  "remove-small": "cell.remove-small",
  propagate: "cell.propagate",
  autofit: "cell.autofit",
  copy: "cell.copy-next",
};

const settingsOf = (tool: string): readonly ToolSetting[] => TOOL_SETTINGS[tool as ToolName] ?? ACTION_SETTINGS[ACTIONS[tool] ?? ""] ?? [];

export function withParameters(edit: Edit, options: ToolOptions, document: LabelDocument): Edit {
  const shown = settingsOf(edit.tool).filter((setting) => setting.when?.(options) ?? true);
  const settings = Object.fromEntries(shown.map(({ key }) => [key, options[key]])) as EditParameters;
  const model = edit.tool === "prompt" ? promptingOf(document).modelName : null;
  const parameters = { ...settings, ...(model !== null && { model }) };
  return Object.keys(parameters).length > 0 ? { ...edit, parameters } : edit;
}
