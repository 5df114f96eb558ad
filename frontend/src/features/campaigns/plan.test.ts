import { describe, expect, it } from "vitest";
import { EMPTY_PLAN, estimateOf, missingOf, rulesOf, wishOf, type Plan, type Source } from "./plan";

const SOURCE: Source = { images: 5, labelled: 4, accepted: 2, isMovie: true, classes: 3 };
const plan = (more: Partial<Plan> = {}): Plan => ({ ...EMPTY_PLAN, name: "Nuclei", dataset: "d", ...more });

describe("a campaign that can be made", () => {
  it("has nothing missing as it begins, but a name and a dataset", () => {
    expect(missingOf(plan(), SOURCE)).toEqual([]);
    expect(missingOf(plan({ name: " " }), null)).toEqual(["Give the campaign a name.", "Choose a dataset to cut from."]);
  });

  it.each<[string, Partial<Plan>, Partial<Source>, RegExp]>([
    ["cells that nobody outlined", { kind: "CELL", gold: 0, training: 0 }, { labelled: 0, accepted: 0 }, /nothing here is outlined/],
    ["moments of a still picture", { kind: "SAME" }, { isMovie: false }, /need a movie/],
    ["gold without accepted labels", { gold: 5, training: 0 }, { accepted: 0 }, /accept some labels/],
    ["classes where there are none", { kind: "CLASS" }, { classes: 0 }, /no class to choose/],
    ["an address that is none", { redirectUrl: "prolific.com" }, {}, /begin with https/],
    ["fewer at most than at least", { answersMin: 5, answersMax: 3 }, {}, /must not be less/],
  ])("is stopped by %s", (_, more, source, said) => {
    expect(missingOf(plan(more), { ...SOURCE, ...source }).join(" ")).toMatch(said);
  });

  it("needs no labels where tiles are asked about", () => {
    const bare = { ...SOURCE, labelled: 0, accepted: 0 };
    expect(missingOf(plan({ kind: "CENTRES", gold: 0, training: 0 }), bare)).toEqual([]);
    expect(missingOf(plan({ kind: "OUTLINE", perCell: false, gold: 0, training: 0 }), bare)).toEqual([]);
  });
});

it("asks always the same number where it is not adaptive, and for no gold where there is none", () => {
  expect(rulesOf(plan({ adaptive: false, answersMin: 4, answersMax: 9, gold: 0 }))).toMatchObject({ answers_min: 4, answers_max: 4, gold_share: 0, training_count: 0, title: "Nuclei" });
});

it("cuts tiles or cells, and known answers by chance from accepted labels", () => {
  expect(wishOf(plan({ kind: "CENTRES", tile_px: 64 }), 10, false)).toMatchObject({ kind: "CENTRES", dataset: "d", tile_px: 64, overlap_px: 16, limit: 10 });
  const known = wishOf(plan({ kind: "CELL", branch: "model", images: ["a"] }), 3, true);
  expect(known).toEqual({ kind: "CELL", dataset: "d", limit: 3, order: "RANDOM" });
  expect(wishOf(plan({ kind: "CELL", branch: "model", images: ["a"] }), 3, false)).toEqual({ kind: "CELL", images: ["a"], branch: "model", limit: 3, order: "LEAST_SURE" });
});

it("asks about drafts by their branches, where nothing of the dataset is labelled yet", () => {
  const drafts = plan({ branches: ["b1", "b2"], branch: "left over", below: 0.7, gold: 0, training: 0 });
  expect(missingOf(drafts, { ...SOURCE, labelled: 0, accepted: 0 })).toEqual([]);
  expect(wishOf(drafts, 9, false)).toEqual({ kind: "CELL", branches: ["b1", "b2"], below: 0.7, limit: 9, order: "LEAST_SURE" });
  expect(wishOf({ ...drafts, kind: "CENTRES" }, 9, false)).not.toHaveProperty("below");
});

it("names a level of the tree where classes are asked about, and nowhere else", () => {
  expect(rulesOf(plan({ kind: "CLASS", classLevel: 1, classBelow: "c" }))).toMatchObject({ class_level: 1, class_below: "c" });
  expect(rulesOf(plan({ kind: "CELL", classLevel: 1 }))).not.toHaveProperty("class_level");
});

it("estimates answers and time of all people together", () => {
  const estimate = estimateOf(plan({ kind: "CELL", limit: 900, answersMin: 3, answersMax: 6, goldShare: 0.1, gold: 5 }));
  expect([estimate.answersLow, estimate.answersHigh]).toEqual([3000, 6000]);
  expect(estimate.hoursLow).toBeCloseTo(2.5);
});
