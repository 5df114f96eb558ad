import { describe, expect, test } from "vitest";
import { arranged, attributesFor, type CellSchema } from "./schemas";

const row = (id: string, more: object = {}) => ({ id, project: "p", name: id, color: "#111111", position: 0, archived: false, parent: null, key: "", replaced_by: null, ...more });
const attribute = (id: string, label_class: string | null, archived = false) => ({ id, project: "p", label_class, name: id, kind: "FLAG", unit: "", low: null, high: null, choices: [], position: 0, archived, replaced_by: null });
const schema = (rule: CellSchema["rule"]): CellSchema => ({
  number: 3,
  rule,
  classes: [row("mitotic", { parent: "phase", key: "1" }), row("type"), row("phase"), row("gone", { archived: true }), row("b", { parent: "type" })],
  attributes: [attribute("all", null), attribute("of-type", "type"), attribute("old", null, true)] as CellSchema["attributes"],
});

describe("C1 the schema of a project", () => {
  test("parents stand before their children, archived classes last, digits are its own or free ones", () => {
    const { classes } = arranged(schema("BRANCH"));
    expect(classes.map(({ id, depth, digit, path }) => [id, depth, digit, path])).toEqual([
      ["type", 0, 2, "type"],
      ["b", 1, 3, "type / b"],
      ["phase", 0, 4, "phase"],
      ["mitotic", 1, 1, "phase / mitotic"],
      ["gone", 0, null, "gone"],
    ]);
    expect(classes.map(({ axis }) => axis)).toEqual(["type", "type", "phase", "phase", "gone"]);
  });

  test("the rule says which classes exclude each other", () => {
    expect(new Set(arranged(schema("ONE")).classes.map(({ axis }) => axis))).toEqual(new Set([""]));
    expect(new Set(arranged(schema("ANY")).classes.map(({ axis }) => axis)).size).toBe(5);
  });

  test("attributes are those of every cell and of the classes that it carries, with the ones above", () => {
    const made = arranged(schema("ANY"));
    expect(attributesFor(made, []).map(({ id }) => id)).toEqual(["all"]);
    expect(attributesFor(made, ["b"]).map(({ id }) => id)).toEqual(["all", "of-type"]);
  });
});
