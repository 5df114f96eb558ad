import { expect, it } from "vitest";
import type { LabelClass } from "@/api/projects";
import { CLASS_COLOURS } from "@/ui/palette";
import { freshColour, swapped } from "./class-order";

const row = (id: string, position: number, color?: string): LabelClass => ({ id, position, color, name: id, project: "p" });

it("names only the classes whose place changes", () => {
  expect(swapped([row("a", 0), row("b", 1), row("c", 2)], 1, 2)).toEqual([
    { id: "c", body: { position: 1 } },
    { id: "b", body: { position: 2 } },
  ]);
});

it("heals positions that were equal", () => {
  expect(swapped([row("a", 0), row("b", 0), row("c", 0)], 0, 1).map((change) => [change.id, change.body.position])).toEqual([
    ["a", 1],
    ["c", 2],
  ]);
});

it("offers the colours in turn, then the least used", () => {
  expect(freshColour([])).toBe(CLASS_COLOURS[0]);
  expect(freshColour([row("a", 0, CLASS_COLOURS[0].toUpperCase())])).toBe(CLASS_COLOURS[1]);
  const all = CLASS_COLOURS.map((colour, index) => row(colour, index, colour));
  expect(freshColour([...all, row("again", 9, CLASS_COLOURS[0])])).toBe(CLASS_COLOURS[1]);
});
