import { ACTIONS, DEFAULT_KEYMAP, keymapOf, keysOf, PRESETS } from "@/editor";
import { describe, expect, it, vi } from "vitest";
import { editorCommands } from "./editor-commands";

const NINE = Array.from({ length: 9 }, (_, at) => `class ${at + 1}`);

describe("U8 the palette", () => {
  it.each(PRESETS.map((preset) => [preset.name, preset] as const))("has every action, with its key in the preset %s: none needs a mouse", (_, preset) => {
    const keymap = keymapOf(preset);
    const byId = new Map(editorCommands(keymap, NINE, () => undefined).map((command) => [command.id, command]));
    const missing = ACTIONS.filter(({ action }) => !byId.has(`editor-${action}`)).map(({ action }) => action);
    expect(missing).toEqual(["palette.open"]);
    expect(keysOf(keymap, "palette.open")).toContain("Ctrl+K");
    expect(byId.get("editor-undo")?.shortcut).toBe("Ctrl+Z");
  });

  it("does what it says: each entry asks for its own action", () => {
    const act = vi.fn<(action: string) => void>();
    const commands = editorCommands(DEFAULT_KEYMAP, NINE, act);
    for (const command of commands) command.run();
    expect(act.mock.calls.map(([action]) => `editor-${action}`)).toEqual(commands.map((command) => command.id));
  });

  it("calls classes by their names, and leaves out those that the project does not have", () => {
    const labels = editorCommands(DEFAULT_KEYMAP, ["Mitotic"], () => undefined).filter(({ id }) => id.startsWith("editor-class.")).map(({ label }) => label);
    expect(labels).toEqual(["No class", "Class of the selected cells: Mitotic"]);
  });

  it("no two entries read the same", () => {
    const labels = editorCommands(DEFAULT_KEYMAP, NINE, () => undefined).map(({ label }) => label);
    expect(labels.filter((label, at) => labels.indexOf(label) !== at)).toEqual([]);
  });
});
