import { describe, expect, test } from "vitest";
import { NO_DOCUMENT } from "@/editor/state";
import { ACTIONS, commandFor } from "../actions/actions";
import { actionOf, keysOf, nameOf, rebound } from "../keymap";
import { DEFAULT_KEYMAP } from "./default";
import { keymapOf, ownKeymap, presetNamed, PRESETS, withClassKeys } from "./presets";
import type { PresetName } from "./preset";

type Mods = Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>>;

const press = (key: string, mods: Mods = {}, code?: string) => ({ key, code, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...mods });
const mapOf = (name: PresetName) => keymapOf(presetNamed(name));
const NAMES = new Set(ACTIONS.map((action) => action.action));

/** Browsers keep these for themselves: a page never hears them. */
const NEVER_HEARD = ["Ctrl+N", "Ctrl+T", "Ctrl+W", "Ctrl+Shift+N", "Ctrl+Shift+T", "Ctrl+Shift+W", "Ctrl+Tab", "Ctrl+Shift+Tab"];

describe("U8 names of keys", () => {
  test("do not depend on where a sign lies on the keyboard", () => {
    expect([nameOf(press("?", { shiftKey: true })), nameOf(press("z", { metaKey: true, shiftKey: true })), nameOf(press(" "))]).toEqual(["?", "Ctrl+Shift+Z", "Space"]);
  });

  test("with Alt, and on keyboards without A to Z, the place of the key counts", () => {
    expect([nameOf(press("∑", { altKey: true }, "KeyW")), nameOf(press("¡", { altKey: true }, "Digit1")), nameOf(press("и", {}, "KeyB")), nameOf(press(">", { altKey: true, shiftKey: true }, "Period"))])
      .toEqual(["Alt+W", "Alt+1", "B", "Alt+Shift+>"]);
  });
});

describe.each(PRESETS.map((preset) => ({ name: preset.name, map: keymapOf(preset) })))("U8 preset $name", ({ name, map }) => {
  test("no key twice, none that the browser keeps, every key an action", () => {
    const keys = map.map((binding) => binding.keys);
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    expect(keys.filter((key) => NEVER_HEARD.includes(key))).toEqual([]);
    expect(map.filter((binding) => !NAMES.has(binding.action))).toEqual([]);
  });

  test("no action loses its last letter to the preset", () => {
    const bound = new Set(map.map((binding) => binding.action));
    const lost = DEFAULT_KEYMAP.filter(({ action, keys }) => /^(Shift\+)?[A-Z0-9]$/.test(keys) && !bound.has(action));
    expect(lost.map(({ action }) => action)).toEqual([]);
  });

  test("undo, frames, accept and the menu of all actions have a key", () => {
    const needed = ["undo", "redo", "frame.next", "frame.previous", "proposal.accept-one", "select.none", "palette.open", "help.open", "tool.brush", "tool.select"];
    expect(needed.filter((action) => keysOf(map, action).length === 0)).toEqual([]);
    expect(name).toBe(presetNamed(name).name);
  });
});

/** The table of FEATURES.md; what a program has no key for is left out. `!x`: that key must not do it. */
const TABLE: Readonly<Record<PresetName, readonly (readonly [string, string])[]>> = {
  cytoloop: [
    ["tool.select", "V"], ["tool.brush", "B"], ["tool.eraser", "E"], ["tool.toggle-eraser", "X"], ["brush.smaller", "[ Down"], ["brush.larger", "] Up"],
    ["tool.fill", "G"], ["tool.polygon", "P"], ["tool.lasso", "L"], ["tool.threshold", "T"], ["tool.watershed", "W"], ["cell.trim", "K"], ["cell.autofit", "M"],
    ["cell.shrink", "Q"], ["cell.grow", "Shift+Q"], ["cell.new", "N"], ["tool.merge", "R"], ["cell.swap", "S"], ["cell.delete", "Backspace"],
    ["select.previous", "( Shift+Tab"], ["select.next", ") Tab"], ["frame.previous", "A Left"], ["frame.next", "D Right"], ["plane.previous", "Shift+A"], ["plane.next", "Shift+D"],
    ["channel.next", "C"], ["channel.previous", "Shift+C"], ["channel.toggle-1", "1"], ["channel.toggle-9", "9"], ["labels.toggle", "Z"], ["outlines.toggle", "O"],
    ["labels.highlight", "H"], ["channel.invert", "I"], ["channel.reset", "0"], ["tool.prompt", "F"], ["tool.prompt-negative", "Shift+F"],
    ["proposal.accept", "Enter"], ["select.none", "Esc"], ["proposal.accept-one", "Y"], ["proposal.reject-one", "U"], ["undo", "Ctrl+Z"], ["redo", "Ctrl+Shift+Z Ctrl+Y"],
    ["task.approve", "Ctrl+Enter"], ["task.return", "Ctrl+Backspace"], ["task.next", "Shift+Enter"], ["palette.open", "Ctrl+K"], ["help.open", "?"], ["tool.pan", "Space"],
  ],
  "deepcell-label": [
    ["tool.select", "V"], ["tool.brush", "B"], ["tool.eraser", "E"], ["tool.toggle-eraser", "X"], ["brush.larger", "Up"], ["brush.smaller", "Down"], ["tool.fill", "G"],
    ["tool.watershed", "W"], ["cell.trim", "K"], ["cell.autofit", "M"], ["cell.shrink", "Q"], ["cell.grow", "Shift+Q"], ["cell.new", "N"], ["tool.merge", "R"], ["cell.swap", "S"],
    ["cell.delete", "Backspace"], ["select.previous", "["], ["select.next", "]"], ["frame.previous", "A"], ["frame.next", "D"], ["channel.next", "C"], ["channel.previous", "Shift+C"],
    ["labels.toggle", "Z"], ["outlines.toggle", "O"], ["labels.highlight", "H"], ["channel.invert", "I"], ["channel.reset", "0"], ["proposal.accept", "Enter"], ["select.none", "Esc"],
    ["undo", "Ctrl+Z"], ["tool.pan", "Space"],
  ],
  napari: [
    ["tool.select", "5"], ["tool.pan", "6 Space"], ["tool.brush", "2"], ["tool.eraser", "1"], ["tool.toggle-eraser", "X"], ["brush.smaller", "["], ["brush.larger", "]"], ["tool.fill", "4"],
    ["tool.polygon", "3"], ["cell.new", "M"], ["select.previous", "-"], ["select.next", "="], ["frame.next", "Right"], ["frame.previous", "Left"], ["labels.toggle", "V"],
    ["tool.toggle-prompt", "T"], ["proposal.accept", "C"], ["undo", "Ctrl+Z"], ["palette.open", "Ctrl+Shift+P"],
  ],
  cellpose: [
    ["brush.smaller", ","], ["brush.larger", "."], ["image.previous", "A"], ["image.next", "D"], ["channel.previous", "W"], ["channel.next", "S"],
    ["channel.toggle-1", "R"], ["channel.toggle-2", "G"], ["channel.toggle-3", "B"], ["labels.toggle", "X"], ["outlines.toggle", "Z"], ["undo", "Ctrl+Z"], ["help.open", "Ctrl+H"],
  ],
  qupath: [
    ["tool.select", "M"], ["tool.brush", "B"], ["tool.polygon", "P"], ["tool.wand", "W"], ["cell.delete", "Delete"], ["channel.toggle-1", "1"], ["labels.toggle", "F"], ["outlines.toggle", "H"],
    ["contrast.open", "Shift+C"], ["undo", "Ctrl+Z"], ["palette.open", "Ctrl+L"], ["tool.pan", "Space"],
  ],
  cvat: [
    ["tool.select", "V"], ["tool.brush", "B"], ["tool.eraser", "E"], ["brush.smaller", "["], ["brush.larger", "]"], ["tool.polygon", "P"], ["cell.new-or-finish", "N"], ["cell.delete", "Delete"],
    ["select.next", "Alt+."], ["frame.previous", "D"], ["frame.next", "F"], ["labels.toggle", "Alt+H"], ["proposal.accept-or-approve", "Ctrl+Enter"], ["undo", "Ctrl+Z"], ["help.open", "F1"],
  ],
};

describe("U8 the proposal's table, row by row", () => {
  test.each(Object.entries(TABLE).flatMap(([name, rows]) => rows.map(([action, keys]) => ({ name: name as PresetName, action, keys }))))("$name: $action is $keys", ({ name, action, keys }) => {
    expect(keysOf(mapOf(name), action)).toEqual(expect.arrayContaining(keys.split(" ")));
  });

  test("U8 conflicts: W, M, Z, X and [ ] mean what each program means by them", () => {
    const meant = (key: string) => (["cytoloop", "napari", "cellpose", "qupath"] as const).map((name) => actionOf(mapOf(name), press(key)));
    expect(meant("w")).toEqual(["tool.watershed", "tool.watershed", "channel.previous", "tool.wand"]);
    expect(meant("m")).toEqual(["cell.autofit", "cell.new", "cell.autofit", "tool.select"]);
    expect(meant("z")).toEqual(["labels.toggle", undefined, "outlines.toggle", undefined]);
    expect(meant("x")).toEqual(["tool.toggle-eraser", "tool.toggle-eraser", "labels.toggle", "tool.toggle-eraser"]);
    expect([actionOf(mapOf("deepcell-label"), press("[")), actionOf(mapOf("napari"), press("["))]).toEqual(["select.previous", "brush.smaller"]);
  });

  test("U8 mouse: Cellpose draws right, deletes with Ctrl and merges with Alt; QuPath erases with Alt", () => {
    expect(presetNamed("cellpose").habits).toMatchObject({ right: "draw", ctrlClick: "delete", altClick: "merge", wheel: "planes" });
    expect(presetNamed("qupath").habits).toMatchObject({ right: "menu", altDrag: "erase" });
    expect(presetNamed("cytoloop").habits).toMatchObject({ right: "other-pen", altDrag: "resize" });
  });
});

describe("U8 own keys", () => {
  test("one's own key is taken from whoever had it; other presets' names mean the house's", () => {
    const map = ownKeymap("cytoloop", { "tool.fill": ["B", "F9"] });
    expect([actionOf(map, press("b")), actionOf(map, press("g")), keysOf(map, "tool.brush")]).toEqual(["tool.fill", undefined, []]);
    expect(ownKeymap("gone", {})).toEqual(DEFAULT_KEYMAP);
  });

  test("an action may be left without keys", () => {
    expect(keysOf(ownKeymap("cytoloop", { undo: [] }), "undo")).toEqual([]);
  });

  test("who loses the last key to a preset moves to it with Alt, unless that is taken", () => {
    const base = [{ keys: "A", action: "a" }, { keys: "B", action: "b" }, { keys: "Alt+B", action: "c" }];
    expect(rebound(base, { new: ["A", "B"] })).toEqual([{ keys: "Alt+B", action: "c" }, { keys: "A", action: "new" }, { keys: "B", action: "new" }, { keys: "Alt+A", action: "a" }]);
  });

  test("U8 class mode: digits are classes, and give the class to the selected cells or the one under the pointer", () => {
    const map = withClassKeys(DEFAULT_KEYMAP);
    expect([actionOf(map, press("3")), actionOf(map, press("0")), actionOf(map, press("b"))]).toEqual(["class.assign-3", "class.none", "tool.brush"]);
    const document = { classes: [{ id: "k", name: "Mitotic", color: "#fff" }] } as unknown as NonNullable<typeof NO_DOCUMENT.document>;
    const state = { ...NO_DOCUMENT, document };
    expect(commandFor("class.assign-1", { ...state, selected: [4, 5] })).toEqual({ kind: "cell.class", cells: [4, 5], class: "k" });
    expect(commandFor("class.none", { ...state, hover: { x: 0, y: 0, values: [], cells: [9, 10] } })).toEqual({ kind: "cell.class", cells: [9], class: null });
    expect([commandFor("class.assign-2", { ...state, selected: [4] }), commandFor("class.assign-1", state)]).toEqual([null, null]);
  });

  test("actions say their command; the host's have none", () => {
    expect(commandFor("undo", NO_DOCUMENT)).toEqual({ kind: "undo" });
    expect(commandFor("cell.swap", NO_DOCUMENT)).toBeNull();
    expect(commandFor("task.next", NO_DOCUMENT)).toBeUndefined();
    expect(commandFor("proposal.accept-or-approve", NO_DOCUMENT)).toBeUndefined();
    expect(commandFor("select.none", { ...NO_DOCUMENT, busy: true })).toEqual({ kind: "gesture.cancel" });
  });
});
