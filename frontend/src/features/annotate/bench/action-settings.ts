import { ACTION_SETTINGS, type ToolSetting } from "@/editor";
import { isAction, titleOf } from "./key-names";

/** Settings that the tools show already. */
const SHOWN_BY_TOOLS: ReadonlySet<string> = new Set(["guide", "writeMode"]);

/** "Grow the cells", "Shrink the cells": what is alike at the front is said once. */
const verbOf = (action: string): string => titleOf(action).split(/ (?:the |small |selected |cells?|of |to |by )/)[0] ?? action;

/** Every setting of the actions that this editor has, once, named after all actions that use it. */
export function settingsOfActions(): ToolSetting[] {
  const users = new Map<string, { setting: ToolSetting; verbs: string[] }>();
  for (const [action, settings] of Object.entries(ACTION_SETTINGS)) {
    for (const setting of settings) {
      if (!isAction(action) || SHOWN_BY_TOOLS.has(setting.key)) continue;
      const user = users.get(setting.key) ?? { setting, verbs: [] };
      users.set(setting.key, { ...user, verbs: [...new Set([...user.verbs, verbOf(action)])] });
    }
  }
  return [...users.values()].map(({ setting, verbs }) => ({ ...setting, title: `${verbs.join(", ")}: ${setting.title.toLowerCase()}` }));
}
