/** The editor's actions as the palette lists them. */
import { ACTIONS, type Keymap } from "@/editor";
import type { Command } from "@/ui/commands";
import { letterOf } from "./key-names";

const CLASS = /^class\.assign-(\d)$/;

/** Every action with its key; the palette itself is left out, and classes that the project does not have. */
export function editorCommands(keymap: Keymap, classNames: readonly string[], act: (action: string) => void): Command[] {
  return ACTIONS.filter(({ action }) => action !== "palette.open").flatMap(({ action, title, group }) => {
    const digit = CLASS.exec(action)?.[1];
    const className = digit === undefined ? null : classNames[Number(digit) - 1];
    if (className === undefined) return [];
    const label = className === null ? title : `Class of the selected cells: ${className}`;
    return [{ id: `editor-${action}`, label, keywords: [action], shortcut: letterOf(action, keymap), group: `Editor: ${group.toLowerCase()}`, run: () => act(action) }];
  });
}
