import { expect, it } from "vitest";
import { SpeedMeter } from "./speed";

it("knows nothing at first", () => {
  const meter = new SpeedMeter();
  meter.add(0, 0);
  expect(meter.perSecond()).toBeNull();
  expect(meter.secondsLeft(100)).toBeNull();
});

it("counts only the last seconds", () => {
  const meter = new SpeedMeter(2_000);
  meter.add(0, 0);
  meter.add(10_000, 1_000);
  for (let at = 2_000; at <= 10_000; at += 1_000) meter.add(10_000 + at, at);
  expect(meter.perSecond()).toBeCloseTo(1_000);
  expect(meter.secondsLeft(5_000)).toBeCloseTo(5);
});
