import { keysOf } from "@/editor";
import { describe, expect, it } from "vitest";
import { asPreset, holderOf, keymapOfTaste, whyNot, withKey, withKeysSwapped, withoutKey } from "./key-changes";

const PLAIN = { preset: "cytoloop", own: {} };
const keys = (taste: Parameters<typeof keymapOfTaste>[0], ...actions: string[]) => actions.map((action) => keysOf(keymapOfTaste(taste), action).join(" "));

describe("U8 remapping", () => {
  it("a free key is added or put in place of another", () => {
    expect(keys(withKey(PLAIN, "undo", "F9", null), "undo")).toEqual(["Ctrl+Z F9"]);
    expect(keys(withKey(PLAIN, "redo", "F9", "Ctrl+Y"), "redo")).toEqual(["Ctrl+Shift+Z F9"]);
  });

  it("a taken key is shown with its holder, and then taken or swapped", () => {
    expect(holderOf(PLAIN, "B", "tool.fill")).toBe("tool.brush");
    expect(holderOf(PLAIN, "B", "tool.brush")).toBeNull();
    expect(keys(withKey(PLAIN, "tool.fill", "B", "G"), "tool.fill", "tool.brush")).toEqual(["B", ""]);
    expect(keys(withKeysSwapped(PLAIN, "tool.fill", "B", "G"), "tool.fill", "tool.brush")).toEqual(["B", "G"]);
  });

  it("no key is ever held twice", () => {
    const all = withKeysSwapped(withKey(withKey(PLAIN, "tool.fill", "B", "G"), "undo", "V", null), "tool.merge", "E", "R");
    const held = keymapOfTaste(all).map((binding) => binding.keys);
    expect(new Set(held).size).toBe(held.length);
  });

  it("a key is taken off, an action goes back to what the preset says, others give way", () => {
    const without = withoutKey(PLAIN, "cell.delete", "Delete");
    expect(keys(without, "cell.delete")).toEqual(["Backspace"]);
    expect(keys(asPreset(without, "cell.delete"), "cell.delete")).toEqual(["Backspace Delete"]);
    const taken = withKey(PLAIN, "tool.fill", "B", "G");
    expect(keys(asPreset(taken, "tool.brush"), "tool.brush", "tool.fill")).toEqual(["B", ""]);
  });

  it("keys that a page never hears, and the way to everything, cannot be chosen", () => {
    expect([whyNot("Ctrl+W"), whyNot("Ctrl+K"), whyNot("Ctrl+B")].map((why) => why === null)).toEqual([false, false, true]);
  });
});
