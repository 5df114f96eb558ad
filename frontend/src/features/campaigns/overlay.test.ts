import { describe, expect, it } from "vitest";
import { allPoints, ambiguityPicture, coverage, tally } from "./overlay";
import { fractionOf, secondsLeft, summed } from "./progress";

const counts = { items: 100, done: 0, gold: 0, training: 0, answers: 0, workers: 3, excluded: 0 };

describe("answers over each other", () => {
  const two = [{ masks: [[[0, 0, 2]], [[0, 1, 3]]] }, { masks: [[[0, 1, 9], [5, 0, 2]]] }] as const;

  it("counts each answer once for a pixel, within the crop", () => {
    expect([...coverage(two, 2, 4)]).toEqual([1, 2, 2, 1, 0, 0, 0, 0]);
  });

  it("is brightest where half say yes, and clear where all agree", () => {
    const picture = ambiguityPicture(coverage(two, 1, 4), 2);
    expect([3, 7, 11, 15].map((i) => picture[i])).toEqual([220, 0, 0, 220]);
    expect(ambiguityPicture(new Uint16Array(1), 0)[3]).toBe(0);
  });

  it("gathers taps and counts choices", () => {
    expect(allPoints([{ points: [[1, 2]] }, { points: [] }, { points: [[3, 4]] }])).toEqual([[1, 2], [3, 4]]);
    expect(tally([{ choice: "no" }, { choice: "yes" }, { choice: "yes" }])).toEqual([{ choice: "yes", count: 2 }, { choice: "no", count: 1 }]);
  });
});

describe("how far", () => {
  const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
  const now = Date.UTC(2026, 0, 1, 4);

  it("tells the time left by the pace of the last day and the answers that a question takes", () => {
    const timeline = [{ at: at(0), answers: 60 }, { at: at(2), answers: 140 }];
    // 200 answers in 4 h for 40 items: 5 each; 60 items left are 300 answers, 6 h.
    expect(secondsLeft({ ...counts, done: 40, answers: 200 }, timeline, now)).toBeCloseTo(6 * 3600);
  });

  it("does not guess where nothing is known", () => {
    expect(secondsLeft(counts, [], now)).toBeNull();
    expect(secondsLeft({ ...counts, done: 100, answers: 300 }, [{ at: at(1), answers: 300 }], now)).toBeNull();
    expect(secondsLeft({ ...counts, done: 4, answers: 20 }, [{ at: "2025-06-01T00:00:00Z", answers: 20 }], now)).toBeNull();
  });

  it("sums answers over the hours", () => {
    expect(summed([{ at: at(0), answers: 5 }, { at: at(3), answers: 7 }]).map(({ total }) => total)).toEqual([5, 5, 12]);
    expect([fractionOf(counts), fractionOf({ ...counts, items: 0 }), fractionOf({ ...counts, done: 25 })]).toEqual([0, 0, 0.25]);
  });
});
