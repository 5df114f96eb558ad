import { describe, expect, test } from "vitest";
import { coloured, found, presetsFor } from "./channel-presets";

const channels = [true, false, true].map((visible, i) => ({ visible, name: ["DAPI", "CD3 T cells", "CD31"][i] ?? "" }));

describe("V1 presets and search", () => {
  test.each([1, 2, 3, 4, 5, 12])("V1 presets for %i channels have a colour for each", (count) => {
    const presets = presetsFor(count);
    expect(presets.length).toBeGreaterThan(0);
    for (const { colours } of presets) expect(colours).toHaveLength(count);
  });

  test("V1 a preset colours the visible channels in their order", () => {
    expect(coloured(channels, presetsFor(2)[1] ?? { name: "", colours: [] })).toEqual([[0, "#4fa3ff"], [2, "#ffa94f"]]);
    expect(presetsFor(0)).toEqual([]);
  });

  test("V1 forty channels are found by parts of their name or by number", () => {
    expect(found(channels, "cd3")).toEqual([1, 2]);
    expect(found(channels, "cells t")).toEqual([1]);
    expect(found(channels, "1 dapi")).toEqual([0]);
    expect(found(channels, "")).toEqual([0, 1, 2]);
  });
});
