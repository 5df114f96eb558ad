import { describe, expect, it } from "vitest";
import type { Recipe } from "@/api/recipes";
import { fieldsOf } from "@/ui/setting-fields";
import { decidingFields, withTrained } from "./link-settings";
import type { Model } from "./queries";

const recipe = (name: string, properties: object) => ({ name, settings_schema: { properties } }) as unknown as Recipe;
const linker = (words: string[]) => ({ type: "string", title: "Linker", description: "Who decides.", enum: words, default: words[0] });
const number = (title: string) => ({ type: "number", title, description: "", default: 0 });
const MEASURED = recipe("link", { linker: linker(["exact", "lap"]), division_bias: number("Readiness"), appearance: { type: "boolean", title: "Looks", description: "", default: true } });
const LEARNS = recipe("learn_links", { width: number("Width"), linker: linker(["exact"]), division_bias: number("Readiness") });
const OURS = { id: "m1", name: "ours", version: 2, settings: { width: 1, linker: "exact", division_bias: 1.5 } } as unknown as Model;

describe("linkers to choose from", () => {
  it("L6: those that were trained come after those that measure", () => {
    const [field] = fieldsOf(MEASURED).map((one) => withTrained(one, [OURS]));
    expect(field?.kind === "choice" && field.values.map(({ value, label }) => [value, label])).toEqual([
      ["exact", "exact"],
      ["lap", "lap"],
      ["m1", "ours v2"],
    ]);
  });

  it("L6: a trained one is asked only what it need not have learned, and begins as it was trained", () => {
    const fields = decidingFields([MEASURED, LEARNS], fieldsOf(MEASURED), OURS);
    expect(fields.map(({ name, title, default: usual }) => [name, title, usual])).toEqual([
      ["linker", "Who decides", "exact"],
      ["division_bias", "Readiness", 1.5],
    ]);
  });
});
