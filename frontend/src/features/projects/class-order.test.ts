import { expect, it } from "vitest";
import { CLASS_COLOURS } from "@/ui/palette";
import { droppedOn, freshColour, movedBy } from "./class-order";

// type ── a, b; phase ── c
const TREE = [["type", null], ["a", "type"], ["b", "type"], ["phase", null], ["c", "phase"]].map(([id, parent]) => ({ id: id as string, parent }));

it("C1 a class moves among those of the same parent, below the one before it, and out behind its parent", () => {
  expect(movedBy(TREE, "b", "up")).toEqual({ parent: "type", ids: ["type", "b", "a", "phase", "c"] });
  expect(movedBy(TREE, "a", "up")).toBeNull();
  expect(movedBy(TREE, "phase", "up")?.ids).toEqual(["phase", "a", "b", "type", "c"]);
  expect(movedBy(TREE, "b", "in")?.parent).toBe("a");
  expect(movedBy(TREE, "a", "in")).toBeNull();
  expect(movedBy(TREE, "a", "out")).toEqual({ parent: null, ids: ["type", "a", "b", "phase", "c"] });
  expect(movedBy(TREE, "type", "out")).toBeNull();
});

it("C1 a class is dropped below another one, never below itself", () => {
  expect(droppedOn(TREE, "c", "type")).toEqual({ parent: "type", ids: ["type", "a", "b", "phase", "c"] });
  expect(droppedOn(TREE, "type", "a")).toBeNull();
  expect(droppedOn(TREE, "a", null)?.parent).toBeNull();
});

it("takes a colour that no class has yet, else the least used", () => {
  expect(freshColour([{ color: CLASS_COLOURS[0] }])).toBe(CLASS_COLOURS[1]);
  const all = [...CLASS_COLOURS, ...CLASS_COLOURS.slice(1)].map((color) => ({ color }));
  expect(freshColour(all)).toBe(CLASS_COLOURS[0]);
});
