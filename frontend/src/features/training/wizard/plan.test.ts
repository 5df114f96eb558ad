import { describe, expect, it } from "vitest";
import type { Recipe, SnapshotPreview, Tally } from "../types";
import { cutsOf, EMPTY_PLAN, fractionsOf, missing, reasonsLeftOut, ruleOf, settingsFor, suggestName, withSetting, type Plan } from "./plan";

const tally = (images: number): Tally => ({ images, frames: images, cells: images * 10, groups: images });
const preview = (train: number, validation: number, test: number): SnapshotPreview => ({
  counts: { all: tally(train + validation + test), train: tally(train), validation: tally(validation), test: tally(test) },
  items: [],
  left_out: [],
  notice: "",
});
const ready: Plan = { ...EMPTY_PLAN, datasets: ["d"], recipe: "instances", name: "nuclei-1" };
const recipe: Recipe = {
  name: "instances",
  title: "",
  description: "",
  makes: "labels",
  needs_labels: true,
  learns: true,
  settings_schema: { properties: { batch: { type: "integer", title: "", description: "", default: 8 } } },
};

describe("a recipe without labels", () => {
  it("takes all images, and wants to know what to predict", () => {
    expect(ruleOf(ready, "p", { needs_labels: false }).include).toBe("IMAGES");
    expect(ruleOf(ready, "p", recipe).include).toBe("ACCEPTED");
    const translate: Plan = { ...ready, recipe: "translate" };
    expect(missing(translate, preview(3, 1, 1))).toEqual(["Choose at least one channel to predict."]);
    expect(missing({ ...translate, settings: { targets: ["DAPI"] } }, preview(3, 1, 1))).toEqual([]);
  });
});

describe("the split", () => {
  it("is two cuts through a whole", () => {
    expect(fractionsOf([70, 85])).toEqual({ train: 0.7, validation: 0.15, test: 0.15 });
    expect(fractionsOf([80, 80])).toEqual({ train: 0.8, validation: 0, test: 0.2 });
  });

  it.each([[70, 85], [1, 99], [33, 66], [55, 100]] as [number, number][])("comes back from %s and %s", (first, second) => {
    const { train, validation, test } = fractionsOf([first, second]);
    expect(train + validation + test).toBeCloseTo(1, 10);
    expect(cutsOf({ train, validation, test })).toEqual([first, second]);
  });
});

describe("what is missing before a start", () => {
  it("is nothing when all is chosen", () => {
    expect(missing(ready, preview(7, 2, 1))).toEqual([]);
  });

  it("asks for images before anything else", () => {
    expect(missing(EMPTY_PLAN, undefined)).toEqual(["Choose at least one dataset."]);
  });

  it("says why nothing can be learned from", () => {
    expect(missing(ready, preview(0, 0, 0))[0]).toMatch(/No labels are accepted yet/);
    expect(missing({ ...ready, include: "HEAD" }, preview(0, 0, 0))[0]).toMatch(/None of these images has labels/);
    expect(missing(ready, preview(0, 3, 1))[0]).toMatch(/larger part/);
  });

  it("insists on validation, a recipe, a name and time", () => {
    expect(missing({ ...ready, recipe: "", name: " ", minutes: 0 }, preview(5, 0, 1))).toHaveLength(4);
  });
});

describe("the rule that is frozen", () => {
  it("holds what was chosen", () => {
    expect(ruleOf(ready, "p")).toMatchObject({ project: "p", dataset_ids: ["d"], image_ids: [], include: "ACCEPTED", seed: 0 });
  });
});

describe("a name", () => {
  it("is free, readable and made of the dataset's", () => {
    expect(suggestName("DSB 2018 (nuclei)", [])).toBe("dsb-2018-nuclei-1");
    expect(suggestName("nuclei", [{ name: "nuclei-1" }, { name: "nuclei-3" }])).toBe("nuclei-2");
    expect(suggestName("细胞", [])).toBe("model-1");
  });
});

describe("settings", () => {
  it("are kept only where they differ from the defaults", () => {
    const changed = withSetting(ready, recipe, "batch", 16);
    expect(changed.settings).toEqual({ batch: 16 });
    expect(withSetting(changed, recipe, "batch", 8).settings).toEqual({});
  });

  it("of another recipe do not travel along", () => {
    expect(settingsFor(recipe, { batch: 4, classes: ["a"] })).toEqual({ batch: 4 });
    expect(settingsFor(undefined, { batch: 4 })).toEqual({});
  });
});

describe("images left out", () => {
  it("are counted by reason, the commonest first", () => {
    const left = ["a", "b", "c"].map((name, at) => ({ image_id: name, name, reason: at === 0 ? "not ready" : "no labels" }));
    expect(reasonsLeftOut(left)).toEqual([
      { reason: "no labels", names: ["b", "c"] },
      { reason: "not ready", names: ["a"] },
    ]);
  });
});
