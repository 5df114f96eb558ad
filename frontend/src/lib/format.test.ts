import { describe, expect, it } from "vitest";
import { formatAgo, formatBytes, formatDuration, formatMicrometres, plural } from "./format";

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [99_400, "99.4 kB"],
    [999_900, "1.0 MB"],
    [2_340_000_000, "2.3 GB"],
  ])("%d is %s", (bytes, said) => expect(formatBytes(bytes)).toBe(said));
});

describe("formatDuration", () => {
  it.each([
    [0.2, "1 s"],
    [59, "59 s"],
    [59.6, "1 min"],
    [3_599, "1 h 0 min"],
    [4_800, "1 h 20 min"],
    [null, "–"],
    [Infinity, "–"],
  ])("%s seconds is %s", (seconds, said) => expect(formatDuration(seconds)).toBe(said));
});

describe("formatAgo", () => {
  const now = Date.parse("2026-05-04T12:00:00Z");
  it.each([
    ["2026-05-04T11:59:50Z", "just now"],
    ["2026-05-04T11:57:00Z", "3 min ago"],
    ["2026-05-04T07:00:00Z", "5 h ago"],
    ["2026-05-01T12:00:00Z", "3 days ago"],
    ["nonsense", "–"],
  ])("%s is %s", (iso, said) => expect(formatAgo(iso, now)).toBe(said));
});

it("counts in words", () => {
  expect(plural(1, "image")).toBe("1 image");
  expect(plural(12_000, "image")).toBe("12,000 images");
  expect(plural(0, "class", "classes")).toBe("0 classes");
});

it("writes pixel sizes without noise", () => {
  expect(formatMicrometres(0.32500000000000007)).toBe("0.325 µm");
  expect(formatMicrometres(null)).toBe("not set");
});
