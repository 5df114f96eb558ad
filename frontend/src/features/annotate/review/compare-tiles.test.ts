import { describe, expect, it } from "vitest";
import type { Frame } from "@/editor";
import { ADDED, BEFORE_EDGE, BEFORE_FILL, compareFrames, MOVED, REMOVED, SAME, TILE_PX, type ComparedTile } from "./compare-tiles";

/** A frame of one tile, from a picture of digits: each digit a cell, rows one below the other at the left. */
function frame(...rows: string[]): Frame {
  const cells = [...new Set(rows.join("").replaceAll(".", ""))].sort();
  const runs = cells.map((cell) => rows.flatMap((row, y) => [...row].flatMap((at, x) => (at === cell ? [y * TILE_PX + x] : []))));
  const content = {
    ids: Uint32Array.from(cells.map(Number)),
    counts: Uint32Array.from(runs.map((starts) => starts.length)),
    starts: Uint16Array.from(runs.flat()),
    lengthsMinus1: new Uint16Array(runs.flat().length),
  };
  return { head: 1, tiles: [{ ty: 0, tx: 0, revision: 1, content }] };
}

function picture(tiles: readonly ComparedTile[], height: number, width: number): string[] {
  const signs = { [SAME]: ".", [ADDED]: "+", [REMOVED]: "-", [MOVED]: "~", [BEFORE_EDGE]: "o", [BEFORE_FILL]: "#" };
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => signs[(tiles[0]?.codes[y * TILE_PX + x] ?? 0) as keyof typeof signs]).join(""),
  );
}

const empty: Frame = { head: 0, tiles: [] };

describe("comparing two revisions of a frame", () => {
  it("marks what was added, removed and given to another cell", () => {
    const before = frame("......", ".11.3.", "......");
    const after = frame("......", ".12...", ".2....");
    expect(picture(compareFrames(before, after, "difference"), 3, 6)).toEqual(["......", ".o~.-.", ".+...."]);
  });

  it("draws the rim of the older cells over the newer", () => {
    const before = frame(".....", ".111.", ".111.", ".111.", ".....");
    expect(picture(compareFrames(before, empty, "after"), 5, 5)).toEqual([".....", ".ooo.", ".o.o.", ".ooo.", "....."]);
    expect(picture(compareFrames(before, empty, "before"), 5, 5)).toEqual([".....", ".ooo.", ".o#o.", ".ooo.", "....."]);
  });

  it("shows a whole new tile as added", () => {
    expect(picture(compareFrames(empty, frame("11"), "difference"), 1, 3)).toEqual(["++."]);
  });

  it("says nothing where nothing changed, but for the rim", () => {
    const same = frame("...", ".1.", "...");
    expect(picture(compareFrames(same, same, "difference"), 3, 3)).toEqual(["...", ".o.", "..."]);
  });
});
