import { describe, expect, test } from "vitest";
import { isReadByRegions, stubsIn } from "./regions";
import type { Image } from "../types";

const messageOf = (...numbers: number[]): ArrayBuffer => Uint32Array.from(numbers).buffer;

describe("labels by regions", () => {
  test("V4 points come as cell, y, x, area, with how much was looked at", () => {
    const stubs = stubsIn(messageOf(0x31535943, 7, 40, 90, 2, 11, 5, 6, 300, 12, 8, 9, 20));
    expect(stubs).toEqual({ tilesRead: 40, tilesInRange: 90, rows: Uint32Array.of(11, 5, 6, 300, 12, 8, 9, 20) });
  });

  test("V4 a message that is no list of points is refused", () => {
    expect(() => stubsIn(messageOf(1, 2, 3, 4, 0))).toThrow("no list of points");
    expect(() => stubsIn(messageOf(0x31535943, 7, 1, 1, 2, 11, 5, 6, 300))).toThrow("no list of points");
  });

  test("V4 only large images are read by regions", () => {
    expect(isReadByRegions({ size_y: 8192, size_x: 8192 } as Image)).toBe(false);
    expect(isReadByRegions({ size_y: 100_000, size_x: 100_000 } as Image)).toBe(true);
  });
});
