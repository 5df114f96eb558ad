import { useMemo } from "react";
import { ACTIONS } from "@/editor";
import { useCommands, type Command } from "@/ui/commands";
import { useEditor } from "../use-editor";
import { letterOf } from "./key-names";

/** Everything the editor can do, in the palette, found by its name. */
export function useEditorCommands(): void {
  const editor = useEditor();
  const commands = useMemo<Command[]>(
    () =>
      ACTIONS.filter((action) => !action.host).map(({ action, title, group }) => ({
        id: `editor-${action}`,
        label: title,
        description: letterOf(action),
        group: `Editor: ${group.toLowerCase()}`,
        run: () => void editor.act(action),
      })),
    [editor],
  );
  useCommands("editor", commands);
}
