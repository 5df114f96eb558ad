import { expect, test } from "vitest";
import { differences, placeOf, scoreOf, scoresOverTime } from "./trials";
import type { Trial } from "./types";

const trial = (words: Partial<Trial>): Trial => ({ number: 0, settings: {}, state: "DONE", rungs: {}, score: null, spent_s: 60, spent_cpu_s: 90, error: "", started_at: "", finished_at: null, ...words });

test("a pruned trial's score is that at its last rung", () => {
  expect(scoreOf(trial({ rungs: { "0.1111": 0.2, "0.3333": 0.4 } }))).toBe(0.4);
  expect(scoreOf(trial({ score: 0.7, rungs: { "0.1111": 0.2 } }))).toBe(0.7);
  expect(scoreOf(trial({}))).toBeNull();
});

test("only what differs from the default is told", () => {
  expect(differences({ base: { batch: 8, width: "small" } }, { settings: { batch: 16, width: "small" } })).toEqual([["batch", 16]]);
});

test("the best never falls, and pruned trials do not count as the best", () => {
  const trials = [trial({ score: 0.5 }), trial({ state: "PRUNED", rungs: { "0.3": 0.9 } }), trial({ score: 0.4 }), trial({ score: 0.6 })];
  const told = scoresOverTime({ trials, counts_cpu: false });
  expect(told.best).toEqual([0.5, 0.5, 0.5, 0.6]);
  expect(told.minutes).toEqual([1, 2, 3, 4]);
  expect(told.pruned[1]).toBe(0.9);
});

test("a logarithmic range has its middle at the geometric mean", () => {
  expect(placeOf({ low: 0.001, high: 0.1, log: true }, 0.01)).toBeCloseTo(0.5);
  expect(placeOf({ values: ["small", "medium", "large"] }, "large")).toBe(1);
});
