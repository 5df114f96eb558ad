import { describe, expect, test } from "vitest";
import { barHeights, greyStep, spanOf } from "./grey-values";

const view = { name: "DAPI", color: "#ffffff", visible: true, min: 100, max: 900, gamma: 1, invert: false };

describe("V1 histogram and contrast", () => {
  test("V1 the slider spans what the picture holds and what is set", () => {
    expect(spanOf("uint8", view, null)).toEqual([0, 255]);
    expect(spanOf("uint16", view, { counts: new Uint32Array(1), min: 20, max: 4000 })).toEqual([20, 4000]);
    expect(spanOf("uint16", view, null)).toEqual([100, 1060]);
  });

  test("V1 bars add up their bins; the logarithm lifts the rare ones", () => {
    const counts = [98, 1, 0, 1];
    expect(barHeights(counts, 2, false)).toEqual([1, 1 / 99]);
    const [most, few] = barHeights(counts, 2, true);
    expect(most).toBe(1);
    expect(few).toBeCloseTo(Math.log(2) / Math.log(100));
  });

  test("V1 one key press is a grey value, or a fraction where there are no whole ones", () => {
    expect([greyStep("uint8", [0, 255]), greyStep("uint16", [0, 5000]), greyStep("float32", [0, 1])]).toEqual([1, 10, 0.002]);
  });
});
