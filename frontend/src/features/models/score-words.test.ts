import { describe, expect, it } from "vitest";
import { drawable, headline, scoreLabel, scoreNames } from "./score-words";

describe("scores", () => {
  it("are drawn in a fixed order, counts and losses left out", () => {
    const drawn = drawable({ pq: 0.6, images: 12, ap75: 0.5, ap50: 0.8, loss: 0.1, strange: 0.3 });
    expect(drawn.map((score) => score.label)).toEqual(["AP at IoU 0.5", "AP at IoU 0.75", "Panoptic quality", "strange"]);
    expect(drawable(undefined)).toEqual([]);
  });

  it("prefer the test split and say so when there is none", () => {
    expect(headline({ test: { ap50: 0.8 }, validation: { ap50: 0.9 } })).toEqual({ value: 0.8, split: "test" });
    expect(headline({ validation: { dice: 0.7 } })).toEqual({ value: 0.7, split: "validation" });
    expect(headline({})).toBeNull();
  });

  it("of predicted channels say what they are and of whom", () => {
    expect(scoreLabel("r_linear_DAPI")).toBe("Pearson r of linear regression, DAPI");
    expect(scoreLabel("coverage_Channel 2")).toBe("Coverage of the interval, Channel 2");
    expect(drawable({ mae_DAPI: 0.1, r_DAPI: 0.8 }).map(({ name }) => name)).toEqual(["r_DAPI"]);
  });

  it("are all named once", () => {
    expect(scoreNames({ test: { b: 1, a: 1 }, validation: { a: 1 } })).toEqual(["a", "b"]);
  });
});
