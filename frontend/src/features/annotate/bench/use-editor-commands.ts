import { useMemo } from "react";
import { useCommands } from "@/ui/commands";
import { useBench } from "./bench-context";
import { useBenchDoings } from "./bench-page";
import { editorCommands } from "./editor-commands";

/** Everything that can be done here, in the palette, found by its name or its key. */
export function useEditorCommands(): void {
  const { keymap, act } = useBenchDoings();
  const { classes } = useBench();
  const commands = useMemo(() => editorCommands(keymap, classes.map(({ name }) => name), act), [keymap, act, classes]);
  useCommands("editor", commands);
}
