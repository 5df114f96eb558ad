import { useMemo } from "react";
import { ACTIONS } from "@/editor";
import { useCommands, type Command } from "@/ui/commands";
import { useBench } from "./bench-context";
import { useBenchPage } from "./bench-page";
import { letterOf } from "./key-names";

const CLASS = /^class\.assign-(\d)$/;

/** Everything that can be done here, in the palette, found by its name or its key. */
export function useEditorCommands(): void {
  const { keymap, act } = useBenchPage();
  const { classes } = useBench();
  const commands = useMemo<Command[]>(
    () =>
      ACTIONS.filter(({ action }) => action !== "palette.open").flatMap(({ action, title, group }) => {
        const digit = CLASS.exec(action)?.[1];
        const named = digit === undefined ? title : classes[Number(digit) - 1]?.name;
        if (named === undefined) return [];
        const label = digit === undefined ? title : `Class of the selected cells: ${named}`;
        return [{ id: `editor-${action}`, label, keywords: [action], shortcut: letterOf(action, keymap), group: `Editor: ${group.toLowerCase()}`, run: () => act(action) }];
      }),
    [keymap, act, classes],
  );
  useCommands("editor", commands);
}
