import { describe, expect, it } from "vitest";
import { fieldsOf, type SettingSchema, type WithSettings } from "./setting-fields";

const recipe = (properties: Record<string, Partial<SettingSchema>>): WithSettings => ({
  settings_schema: {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, given]) => [name, { type: "string", title: "", description: "", default: "", ...given }]),
    ),
  },
});

describe("a form from a schema", () => {
  it("finds the kind of each field", () => {
    const fields = fieldsOf(
      recipe({
        target: { enum: ["distance", "flows"], title: "Target", titles: { distance: "Distance" }, notes: { distance: "How far the edge is." } },
        batch: { type: "integer", minimum: 1, maximum: 64, default: 8 },
        rate: { type: "number", default: 0.002 },
        patience: { type: ["integer", "null"], default: null },
        flips: { type: "boolean", default: true },
        classes: { type: "array", default: [] },
        note: {},
      }),
    );
    expect(fields.map((field) => [field.name, field.kind, field.optional])).toEqual([
      ["target", "choice", false],
      ["batch", "number", false],
      ["rate", "number", false],
      ["patience", "number", true],
      ["flips", "flag", false],
      ["classes", "words", false],
      ["note", "text", false],
    ]);
    expect(fields[0]).toMatchObject({ values: [{ value: "distance", label: "Distance", note: "How far the edge is." }, { value: "flows", label: "flows", note: "" }] });
    expect(fields[1]).toMatchObject({ whole: true, minimum: 1, maximum: 64, title: "batch" });
    expect(fields[2]).toMatchObject({ whole: false });
  });
});
