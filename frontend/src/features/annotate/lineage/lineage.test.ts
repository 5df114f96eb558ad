import { describe, expect, it } from "vitest";
import { cutTo, holds, NO_FACTS, rangesOf, subtract, unite, type CellFacts, type Edit } from "@/editor";
import { ALL, familyAt, founderOf, hitTest, layOut, TreeLayout, type Layout } from "./layout";
import { nearestFrame } from "./spans";
import { TrackTable, type TrackRow } from "./track-table";

const row = (cell: number, first_t: number, last_t: number, facts: Partial<CellFacts> = {}, gaps: [number, number][] = []): TrackRow => ({ cell, first_t, last_t, gaps, facts });
const edit = (change: Partial<Edit>): Edit => ({ id: "x", tool: "test", pixels: [], cells: [], ...change });

function tableOf(...rows: TrackRow[]): TrackTable {
  const table = new TrackTable();
  table.load(rows);
  return table;
}

const framesOf = (spans: readonly number[]): number[] => Array.from({ length: 40 }, (_, t) => t).filter((t) => holds(spans, t));

describe("spans", () => {
  it("are what sets of frames are, for random ranges", () => {
    let seed = 7;
    const random = (most: number) => (seed = (seed * 48271) % 2147483647) % most;
    for (let i = 0; i < 300; i++) {
      const make = () => Array.from({ length: 3 }, () => random(30)).reduce<readonly number[]>((spans, at) => unite(spans, [at, at + random(6)]), []);
      const [a, b, from] = [make(), make(), random(30)];
      const to = from + random(8);
      expect(framesOf(unite(a, b))).toEqual(Array.from({ length: 40 }, (_, t) => t).filter((t) => holds(a, t) || holds(b, t)));
      expect(framesOf(subtract(a, from, to))).toEqual(framesOf(a).filter((t) => t < from || t > to));
      expect(framesOf(cutTo(a, from, to))).toEqual(framesOf(a).filter((t) => t >= from && t <= to));
    }
  });

  it("have gaps, and a nearest frame", () => {
    const spans = rangesOf(2, 20, [[5, 7], [10, 10]]);
    expect(spans).toEqual([2, 4, 8, 9, 11, 20]);
    expect([0, 6, 10, 30].map((t) => nearestFrame(spans, t))).toEqual([2, 4, 9, 20]);
  });
});

describe("T4 the table of tracks follows edits", () => {
  it("swaps at a frame by two moves at once", () => {
    const table = tableOf(row(1, 0, 9), row(2, 0, 6));
    table.apply(edit({ moves: [{ cell: 1, to: 2, first: 5, last: 9 }, { cell: 2, to: 1, first: 5, last: 9 }] }), () => null);
    expect([table.get(1)?.spans, table.get(2)?.spans]).toEqual([[0, 6], [0, 9]]);
  });

  it("a track that ends by going under another name leaves its frames there", () => {
    const table = tableOf(row(1, 0, 2), row(7, 3, 11));
    table.apply(edit({ cells: [{ cell: 7, before: NO_FACTS, after: null }], moves: [{ cell: 7, to: 1, first: 3, last: 11 }] }), () => null);
    expect([table.get(1)?.spans, table.get(7)]).toEqual([[0, 11], undefined]);
  });

  it("knows new, drawn, erased and deleted cells", () => {
    const table = tableOf(row(1, 0, 9));
    const pixel = { z: 0, cell: 5, add: [0, 0, 1], remove: [] };
    table.apply(edit({ cells: [{ cell: 5, before: null, after: { ...NO_FACTS, mother: 1 } }], pixels: [{ ...pixel, t: 10 }, { ...pixel, t: 12 }] }), () => null);
    expect(table.get(5)).toMatchObject({ spans: [10, 10, 12, 12], facts: { mother: 1 } });
    expect(table.apply(edit({ pixels: [{ t: 12, z: 0, cell: 5, add: [], remove: [0, 0, 1] }] }), () => false)).toBe(true);
    expect(table.get(5)?.spans).toEqual([10, 10]);
    expect(table.apply(edit({ pixels: [{ t: 10, z: 0, cell: 5, add: [], remove: [0, 0, 1] }] }), () => null)).toBe(false);
    table.apply(edit({ cells: [{ cell: 5, before: NO_FACTS, after: null }] }), () => null);
    expect(table.get(5)).toBeUndefined();
  });
});

describe("T4 the lineage tree is laid out", () => {
  const family = () => tableOf(row(1, 0, 4), row(2, 5, 9, { mother: 1 }), row(3, 5, 7, { mother: 1 }), row(4, 8, 9, { mother: 3 }), row(5, 8, 9, { mother: 3 }), row(9, 0, 9));
  const rows = (layout: ReturnType<typeof layOut>) => Object.fromEntries([...layout.places].map(([cell, { row: at }]) => [cell, at]));

  it("with leaves on rows of their own and mothers between their daughters", () => {
    const layout = layOut(family());
    expect(rows(layout)).toEqual({ 2: 0, 4: 1, 5: 2, 3: 1.5, 1: 0.75, 9: 3 });
    expect(layout.families.map(({ founder, top, bottom }) => [founder, top, bottom])).toEqual([[1, 0, 3], [9, 3, 4]]);
    expect(familyAt(layout.families, 3.5)?.founder).toBe(9);
  });

  it("folded, alone, and by what is wanted", () => {
    const all = { folded: new Set<number>(), only: null, wanted: () => true };
    const folded = layOut(family(), { ...all, folded: new Set([3]) });
    expect(rows(folded)).toEqual({ 2: 0, 3: 1, 1: 0.5, 9: 2 });
    expect(folded.places.get(3)?.folded).toBe(2);
    expect(layOut(family(), { ...all, only: 4 }).families.map(({ founder }) => founder)).toEqual([1]);
    expect(layOut(family(), { ...all, wanted: ({ cell }) => cell === 5, folded: new Set([1]) }).families.map(({ founder }) => founder)).toEqual([1]);
    expect(founderOf(family(), 5)).toBe(1);
  });

  it("even where mothers go in a circle", () => {
    const circle = tableOf(row(1, 0, 1, { mother: 3 }), row(2, 0, 1, { mother: 1 }), row(3, 0, 1, { mother: 2 }));
    expect(layOut(circle).places.size).toBe(3);
    expect(founderOf(circle, 2)).toBe(1);
  });

  it("and hit by row and frame", () => {
    const layout = layOut(family());
    expect(hitTest(layout, 1.2, 8.5, 0)?.track.cell).toBe(4);
    expect(hitTest(layout, 1.25, 2, 0)?.track.cell).toBe(1);
    expect(hitTest(layout, 3.5, 2, 0)?.track.cell).toBe(9);
    expect(hitTest(layout, 0.2, 2, 0)).toBeNull();
  });

  it("after an edit as if it were laid out anew, for random edits, circles and deaths included", () => {
    let seed = 11;
    const random = (most: number) => (seed = (seed * 48271) % 2147483647) % most;
    const picture = ({ families, places, rows: count, divisions }: Layout) => ({
      count, divisions,
      families: families.map(({ founder, top, bottom, members }) => [founder, top, bottom, members.map(({ track }) => track.cell)]),
      places: [...places].map(([cell, { row: at, daughters, folded, track }]) => [cell, at, daughters, folded, track.spans]).sort((a, b) => Number(a[0]) - Number(b[0])),
    });
    for (let round = 0; round < 20; round++) {
      const mother = (cell: number) => (random(3) ? { mother: 1 + ((cell + 1 + random(11)) % 12) } : {});
      const table = tableOf(...Array.from({ length: 12 }, (_, i) => row(i + 1, random(9), 10 + random(9), mother(i + 1))));
      const shown = round % 2 ? ALL : { folded: new Set([1 + random(12), 1 + random(12)]), only: null, wanted: ({ cell }: { cell: number }) => cell % 5 !== 0 };
      const keeper = new TreeLayout(table);
      for (let step = 0; step < 25; step++) {
        const [cell, to, t] = [1 + random(14), 1 + random(14), random(20)];
        const facts = random(6) ? { ...NO_FACTS, ...mother(cell) } : null;
        const moves = cell === to ? [] : [{ cell, to, first: t, last: 19 }, { cell: to, to: cell, first: t, last: 19 }];
        table.apply(random(2) ? edit({ moves }) : edit({ cells: [{ cell, before: null, after: facts }], pixels: facts ? [{ t, z: 0, cell, add: [0, 0, 1], remove: [] }] : [] }), () => true);
        if (random(3)) expect(picture(keeper.of(shown))).toEqual(picture(layOut(table, shown)));
      }
    }
  });

  it("10,000 tracks in well under the time of an edit", () => {
    const many = tableOf(...Array.from({ length: 10_000 }, (_, i) => row(i + 1, i % 480, (i % 480) + 20, i % 3 ? { mother: i - (i % 3) + 1 } : {})));
    const times = Array.from({ length: 5 }, () => {
      const began = performance.now();
      expect(layOut(many).places.size).toBe(10_000);
      return performance.now() - began;
    });
    expect(Math.min(...times)).toBeLessThan(100);
  });

  it("one track of 10,000 at the cost of its family", () => {
    const many = tableOf(...Array.from({ length: 10_000 }, (_, i) => row(i + 1, i % 480, (i % 480) + 20, i % 3 ? { mother: i - (i % 3) + 1 } : {})));
    const keeper = new TreeLayout(many);
    const all = keeper.of(ALL);
    const untouched = all.places.get(9_001);
    const times = Array.from({ length: 7 }, (_, i) => {
      many.apply(edit({ cells: [{ cell: 20_000 + i, before: null, after: NO_FACTS }], moves: [{ cell: 50 + i, to: 20_000 + i, first: 60, last: 99 }] }), () => true);
      const began = performance.now();
      expect(keeper.of(ALL).places.size).toBe(10_001 + i);
      return performance.now() - began;
    });
    expect(all.places.get(9_001)).toBe(untouched);
    expect(Math.min(...times)).toBeLessThan(10);
  });
});
