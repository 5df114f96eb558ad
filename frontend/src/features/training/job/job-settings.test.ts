import { describe, expect, it } from "vitest";
import type { Recipe } from "@/api/recipes";
import { tellSettings } from "./job-settings";

const schema = (title: string, type: string | string[], value: string | number | boolean | null, more = {}) => ({ type, title, description: "", default: value, ...more });
const recipe = (name: string, properties: Record<string, ReturnType<typeof schema>>) => ({ name, settings_schema: { properties } }) as unknown as Recipe;

const recipes = [
  recipe("instances", { target: schema("Target", "string", "flows", { enum: ["flows"], titles: { flows: "Flows" } }), learning_rate: schema("Learning rate", "number", 0.002), min_size_px: schema("Least size", ["integer", "null"], null) }),
  recipe("link", { linker: schema("Linker", "string", "frames", { enum: ["frames"], titles: { frames: "Frame by frame" } }), gap: schema("Longest gap", "integer", 2), reach_px: schema("Reach", ["number", "null"], null) }),
];

describe("the settings of a job in words", () => {
  it("of one that learns all that are not left to it", () => expect(tellSettings({ kind: "TRAIN", recipe: "instances", trained_model: null, settings: { learning_rate: 0.001 } }, recipes)).toEqual(["Target: Flows", "Learning rate: 0.001"]));

  it("of a prediction what was chosen for it, and nothing of how its model learned", () => {
    const job = { kind: "PREDICT", recipe: "instances", trained_model: "m" } as const;
    expect(tellSettings({ ...job, settings: {} }, recipes)).toEqual([]);
    expect(tellSettings({ ...job, settings: { flips: false, channels: ["DAPI", "2"], cell_px: 12 } }, recipes)).toEqual(["Reading: fast", "Channels: DAPI, 2", "Size of the cells: 12 px across"]);
    expect(tellSettings({ ...job, settings: { flips: true, cell_px: "learned" } }, recipes)).toEqual(["Reading: careful", "Size of the cells: as learned"]);
  });

  it("of its linker which one it is, and what differs from how that comes", () =>
    expect(tellSettings({ kind: "PREDICT", recipe: "instances", trained_model: "m", settings: { link: { linker: "frames", gap: 3, reach_px: null } as never } }, recipes)).toEqual(["Linker: Frame by frame", "Longest gap: 3"]));

  it("of an evaluation the images", () => expect(tellSettings({ kind: "EVALUATE", recipe: "instances", trained_model: "m", settings: { split: "test" } }, recipes)).toEqual(["Images: the test split"]));
});
