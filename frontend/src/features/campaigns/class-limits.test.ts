import { expect, it } from "vitest";
import { choicesOf, limitsOf } from "./class-limits";

const TREE = (
  [
    ["type", null, 0],
    ["immune", "type", 1],
    ["neutrophil", "immune", 2],
    ["lymphocyte", "immune", 2],
    ["tumour", "type", 1],
    ["phase", null, 0],
    ["mitosis", "phase", 1],
    ["debris", null, 0],
  ] as const
).map(([id, parent, depth]) => ({ id, name: id, parent, depth, archived: false }));

const names = (classLevel: number | null, classBelow: string | null, tree = TREE) => choicesOf(tree, { classLevel, classBelow }).map(({ id }) => id);

it("C1 a question names a level of the tree, and what ends above it", () => {
  expect(names(null, null)).toHaveLength(TREE.length);
  expect(names(0, null)).toEqual(["type", "phase", "debris"]);
  expect(names(1, null)).toEqual(["immune", "tumour", "mitosis", "debris"]);
  expect(names(2, "type")).toEqual(["neutrophil", "lymphocyte", "tumour"]);
  expect(names(1, "type")).toEqual(["immune", "tumour"]);
  expect(names(1, "debris")).toEqual([]);
});

it("C1 archived classes are not named; what is below them is", () => {
  const tree = TREE.map((row) => ({ ...row, archived: row.id === "immune" }));
  expect(names(1, null, tree)).toEqual(["neutrophil", "lymphocyte", "tumour", "mitosis", "debris"]);
});

it("C1 every level and the kinds of every class can be asked, of a plain list all of it", () => {
  expect(limitsOf(TREE).map(({ label }) => label.split(":")[0])).toEqual(["Every class", "Top of the tree", "Second level", "Third level", "Kinds of type", "Kinds of immune", "Kinds of phase"]);
  expect(limitsOf(TREE)[0].label).toBe("Every class: type, immune, neutrophil, lymphocyte and 4 more");
  expect(limitsOf(TREE.filter(({ depth }) => depth === 0))).toHaveLength(1);
});
