/** Tools that look at grey values, on small pictures whose answer is known. */
import { describe, expect, test } from "vitest";
import { areaOf, intersection, lineOfRuns, runsOfLine, runsOfMask, union } from "@/editor/core/runs";
import type { Runs } from "@/editor/core/runs";
import { iouOf } from "@/editor/craft/polygon";
import { openPictures, settle } from "../testing";
import type { Pictures } from "../testing";

/** A picture in letters by a rule. */
const pictureOf = (height: number, width: number, letter: (y: number, x: number) => string): string =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => letter(y, x)).join("")).join("\n");

const away = (y: number, x: number, cy: number, cx: number): number => Math.hypot(y + 0.5 - cy, x + 0.5 - cx);
/** 1 well inside a disc, 0 well outside, half on its border. */
const soft = (distance: number, radius: number): number => 1 / (1 + Math.exp((distance - radius) * 1.5));

const openWith = async (pictures: Pictures) => {
  const world = await openPictures(pictures);
  world.run({ kind: "tool.options", options: { smoothing_px: 0 } });
  const runsOf = (cell: number): number[] => world.open.frame()?.runsOf(cell) ?? [];
  const step = async (command: Parameters<typeof world.run>[0]): Promise<void> => {
    world.run(command);
    await settle();
  };
  return { ...world, runsOf, step, draft: () => world.open.outlook.draft };
};

// ------------------------------------------------------------ M5

describe("M5 threshold in a box", () => {
  const BLOBS = [[6, 6, 3], [6, 20, 4], [20, 12, 5], [25, 30, 1]] as const;
  const light = (y: number, x: number): number => Math.round(20 + 200 * Math.max(...BLOBS.map(([cy, cx, r]) => Number(away(y, x, cy, cx) < r))));
  const empty = pictureOf(32, 40, () => ".");
  const box = { kind: "threshold.box", from: { x: 0, y: 0 }, to: { x: 40, y: 32 } } as const;

  test("M5 one cell for each piece, small ones left out, accepted as one edit and undone as one", async () => {
    const { step, draft, run, edits, open, runsOf } = await openWith({ pictures: [empty], grey: (_, y, x) => light(y, x) });
    await step(box);
    expect(draft()).toMatchObject({ tool: "threshold", shapes: [{ kind: "box" }] });
    expect(draft()?.proposals.map((p) => p.cell)).toEqual([null, null, null]);
    expect(draft()?.hint).toMatch(/^3 cells at .*Enter/);
    run({ kind: "proposal.accept" });
    expect(edits).toHaveLength(1);
    expect(edits[0]).toMatchObject({ tool: "threshold" });
    const disc = (cy: number, cx: number, r: number) => (y: number, x: number) => Number(away(y, x, cy, cx) < r);
    const wanted = BLOBS.slice(0, 3).map(([cy, cx, r]) => flatArea(disc(cy, cx, r)));
    expect(open.frame()?.cellIds().map((cell) => areaOf(runsOf(cell))).sort()).toEqual(wanted.sort());
    run({ kind: "undo" });
    expect(open.frame()?.cellIds()).toEqual([]);
  });

  const flatArea = (inside: (y: number, x: number) => number): number => {
    let sum = 0;
    for (let y = 0; y < 32; y++) for (let x = 0; x < 40; x++) sum += inside(y, x);
    return sum;
  };

  test("M5 settings change the preview: smallest size, one cell, dark side, percentile, typed value", async () => {
    const { step, draft, run } = await openWith({ pictures: [empty], grey: (_, y, x) => light(y, x) });
    await step(box);
    const area = (): number => draft()?.proposals.reduce((sum, p) => sum + areaOf(p.runs), 0) ?? 0;
    const bright = area();
    await step({ kind: "tool.options", options: { thresholdSmallest_px: 0 } });
    expect(draft()?.proposals).toHaveLength(4);
    await step({ kind: "tool.options", options: { thresholdMakes: "one" } });
    expect(draft()?.proposals).toHaveLength(1);
    expect(area()).toBeGreaterThan(bright);
    await step({ kind: "tool.options", options: { thresholdSide: "dark", thresholdFillsHoles: false } });
    const dark = area();
    await step({ kind: "tool.options", options: { thresholdSide: "bright" } });
    expect(area() + dark).toBe(32 * 40);
    await step({ kind: "tool.options", options: { thresholdMethod: "value", thresholdValue: 220 } });
    expect(draft()?.proposals).toEqual([]);
    expect(draft()?.hint).toMatch(/^No piece at 220/);
    await step({ kind: "tool.options", options: { thresholdMethod: "percentile", thresholdPercentile: 50 } });
    expect(area()).toBeGreaterThan(0);
    run({ kind: "gesture.cancel" });
    await step({ kind: "tool.options", options: { thresholdSmallest_px: 5 } });
    expect(draft()).toBeNull();
  });

  test("M5 by channel, and other cells are kept", async () => {
    const kept = pictureOf(32, 40, (y, x) => (x < 12 && y < 12 ? "a" : "."));
    const { step, draft, run, picture } = await openWith({ pictures: [kept], channels: 2, grey: (_, y, x) => light(y, x) });
    await step({ kind: "tool.options", options: { guide: 1 } });
    await step(box);
    expect(draft()?.proposals).toHaveLength(2);
    run({ kind: "proposal.accept" });
    expect(picture().split("\n")[5].slice(0, 12)).toBe("aaaaaaaaaaaa");
    await step({ kind: "tool.options", options: { writeMode: "overwrite" } });
    await step({ kind: "threshold.box", from: { x: 0, y: 0 }, to: { x: 12, y: 12 } });
    run({ kind: "proposal.accept" });
    expect(picture().split("\n")[5].slice(0, 12)).not.toBe("aaaaaaaaaaaa");
  });

  test("M5 more pieces than numbers reserved ahead", async () => {
    const { step, draft, run, open, refusals } = await openWith({ pictures: [pictureOf(40, 40, () => ".")], grey: (_, y, x) => 200 * Number(y % 2 === 1 && x % 2 === 1) });
    await step({ kind: "tool.options", options: { thresholdSmallest_px: 0 } });
    await step({ kind: "threshold.box", from: { x: 0, y: 0 }, to: { x: 40, y: 40 } });
    expect(draft()?.proposals).toHaveLength(400);
    run({ kind: "proposal.accept" });
    expect(refusals).toEqual([]);
    expect(open.frame()?.cellIds()).toHaveLength(400);
  });
});

// ------------------------------------------------------------ M6

describe("M6 two-click watershed", () => {
  const [LEFT, RIGHT] = [{ x: 9.5, y: 10.5 }, { x: 25.5, y: 10.5 }];
  const peanut = pictureOf(21, 36, (y, x) => (Math.min(away(y, x, 10.5, 10), away(y, x, 10.5, 25)) < 9 ? "a" : "."));
  const block = pictureOf(21, 36, (y, x) => (y > 2 && y < 18 && x > 2 && x < 33 ? "a" : "."));
  /** Bright halves with a dark line between them at x 14. */
  const valley = (_: number, __: number, x: number): number => 100 - Math.round(80 * Math.exp(-((x - 14) ** 2) / 4));

  const unionOf = (...all: readonly Runs[]): number[] => runsOfLine(all.reduce<number[]>((sum, runs) => union(sum, lineOfRuns(runs)), []));

  test.each([["its shape", peanut, () => 50, 17.5], ["grey values", block, valley, 14]] as const)(
    "M6 two-click watershed by %s: both halves non-empty, union unchanged, undo takes it back", async (by, picture, grey, border) => {
      const world = await openWith({ pictures: [picture], grey });
      const whole = world.runsOf(1);
      await world.step({ kind: "watershed.seed", at: LEFT });
      await world.step({ kind: "watershed.look", at: RIGHT });
      expect(world.draft()?.hint).toContain(by);
      const [preview] = world.draft()?.proposals ?? [];
      await world.step({ kind: "watershed.seed", at: RIGHT });
      const [left, right] = [world.runsOf(1), world.runsOf(101)];
      expect(preview.runs).toEqual(right);
      expect(areaOf(left)).toBeGreaterThan(0);
      expect(areaOf(right)).toBeGreaterThan(0);
      expect(unionOf(left, right)).toEqual(whole);
      expect(intersection(lineOfRuns(left), lineOfRuns(right))).toEqual([]);
      const begins = Math.min(...right.filter((_, i) => i % 3 === 1));
      expect(Math.abs(begins - border)).toBeLessThanOrEqual(3);
      expect(world.edits).toHaveLength(1);
      expect(world.open.outlook).toMatchObject({ draft: null, selected: [1, 101] });
      world.run({ kind: "undo" });
      expect(world.runsOf(1)).toEqual(whole);
    },
  );

  test("M6 the choice can be made by hand, and the preview follows", async () => {
    const world = await openWith({ pictures: [block], grey: valley });
    await world.step({ kind: "watershed.split", seeds: [LEFT, RIGHT] });
    const byGrey = areaOf(world.runsOf(101));
    world.run({ kind: "undo" });
    await world.step({ kind: "tool.options", options: { watershedOn: "shape" } });
    await world.step({ kind: "watershed.split", seeds: [LEFT, RIGHT] });
    expect(areaOf(world.runsOf(102))).not.toBe(byGrey);
  });

  test("M6 three seeds with Shift, and Enter accepts what is shown", async () => {
    const world = await openWith({ pictures: [block], grey: valley });
    const whole = world.runsOf(1);
    await world.step({ kind: "watershed.seed", at: LEFT });
    await world.step({ kind: "watershed.seed", at: RIGHT, more: true });
    await world.step({ kind: "watershed.look", at: { x: 25.5, y: 4.5 } });
    expect(world.draft()?.proposals).toHaveLength(2);
    world.run({ kind: "proposal.accept" });
    expect(unionOf(world.runsOf(1), world.runsOf(101), world.runsOf(102))).toEqual(whole);
    expect(world.edits).toHaveLength(1);
  });

  test("M6 what is said of the cell holds for both halves, shared pixels stay shared", async () => {
    const world = await openWith({ pictures: [block], grey: valley, facts: { 1: { class: "mitotic", channel: null } } });
    world.run({ kind: "tool.options", options: { writeMode: "overlap", shapesMakeCells: true } });
    world.run({ kind: "shape.draw", shape: "box", from: { x: 12, y: 0 }, to: { x: 20, y: 21 } });
    const shared = world.runsOf(101);
    world.run({ kind: "tool.options", options: { writeMode: "keep" } });
    await world.step({ kind: "watershed.split", seeds: [LEFT, RIGHT], cell: 1 });
    expect(world.open.store.facts.get(102)?.class).toBe("mitotic");
    expect(world.runsOf(101)).toEqual(shared);
    expect(areaOf(world.runsOf(1)) + areaOf(world.runsOf(102))).toBe(15 * 30);
  });

  test("M6 refusals", async () => {
    const world = await openWith({ pictures: [block], grey: valley });
    expect(() => world.run({ kind: "watershed.seed", at: { x: 0.5, y: 0.5 } })).toThrow(/no cell here to split/);
    await world.step({ kind: "watershed.seed", at: LEFT });
    expect(() => world.run({ kind: "watershed.seed", at: { x: 0.5, y: 0.5 } })).toThrow(/Click inside cell 1/);
    expect(() => world.run({ kind: "watershed.seed", at: LEFT })).toThrow(/same pixel/);
    expect(() => world.run({ kind: "watershed.split", seeds: [LEFT] })).toThrow(/two seeds/);
    world.run({ kind: "gesture.cancel" });
    world.run({ kind: "select", cells: [1] });
    world.run({ kind: "cell.lock" });
    expect(() => world.run({ kind: "watershed.seed", at: LEFT })).toThrow(/locked/);
  });

  test("M6 Esc while the answer is on its way leaves the cell whole; so does another's change of it", async () => {
    const world = await openWith({ pictures: [block], grey: valley });
    await world.step({ kind: "watershed.seed", at: LEFT });
    world.run({ kind: "watershed.seed", at: RIGHT });
    world.run({ kind: "gesture.cancel" });
    await settle();
    expect(world.edits).toEqual([]);
    await world.step({ kind: "watershed.seed", at: LEFT });
    world.open.session.applyEdit({ id: "x", tool: "brush", pixels: [{ t: 0, z: 0, cell: 1, add: [], remove: [3, 3, 4] }], cells: [] });
    await world.step({ kind: "watershed.seed", at: RIGHT });
    expect(world.refusals.join()).toMatch(/changed meanwhile/);
    expect(world.edits).toEqual([]);
  });

  test("M6 at the image's corner, and in two pieces: no pixel is lost", async () => {
    const corner = pictureOf(21, 36, (y, x) => (away(y, x, 0, 0) < 14 || (y > 16 && x > 30) ? "a" : "."));
    const world = await openWith({ pictures: [corner], grey: () => 7 });
    const whole = world.runsOf(1);
    await world.step({ kind: "watershed.split", seeds: [{ x: 0.5, y: 0.5 }, { x: 8.5, y: 8.5 }] });
    expect(unionOf(world.runsOf(1), world.runsOf(101))).toEqual(whole);
    expect(areaOf(world.runsOf(101))).toBeGreaterThan(0);
  });
});

// ------------------------------------------------------------ M10

describe("M10 autofit", () => {
  const [CY, CX, R] = [32, 40, 15];
  const letters = (inside: (y: number, x: number) => boolean): string => pictureOf(64, 80, (y, x) => (inside(y, x) ? "a" : "."));
  const truth = (y: number, x: number): boolean => away(y, x, CY, CX) < R;
  const noise = (y: number, x: number): number => (Math.sin(y * 12.9898 + x * 78.233) * 43758.5453) % 1;
  const disc = (light: number) => (_: number, y: number, x: number): number => Math.round(120 + light * (soft(away(y, x, CY, CX), R) - 0.5) + 6 * noise(y, x));
  const TRUE_RUNS = runsOfMask(Array.from({ length: 64 * 80 }, (_, i) => Number(truth(Math.floor(i / 80), i % 80))), 80);

  const START: readonly (readonly [string, (y: number, x: number) => boolean])[] = [
    ["dilated by 3", (y, x) => away(y, x, CY, CX) < R + 3],
    ["dilated by 5", (y, x) => away(y, x, CY, CX) < R + 5],
    ["eroded by 3", (y, x) => away(y, x, CY, CX) < R - 3],
    ["eroded by 5", (y, x) => away(y, x, CY, CX) < R - 5],
    ["shifted by 4", (y, x) => away(y, x, CY + 4, CX) < R],
    ["shifted by 5", (y, x) => away(y, x, CY - 3, CX + 4) < R],
  ];

  test.each(START.flatMap(([name, start]) => [[name, "bright", start, 120] as const, [name, "dark", start, -120] as const]))(
    "M10 a blurred disc whose mask was %s, %s", async (_, __, start, light) => {
      const world = await openWith({ pictures: [letters(start)], grey: disc(light) });
      const before = iouOf(world.runsOf(1), TRUE_RUNS);
      world.run({ kind: "select", cells: [1] });
      await world.step({ kind: "cell.autofit" });
      const after = iouOf(world.runsOf(1), TRUE_RUNS);
      expect(after).toBeGreaterThan(0.93);
      expect(after).toBeGreaterThan(before + 0.1);
      expect(world.edits.map((edit) => edit.tool)).toEqual(["autofit"]);
      world.run({ kind: "undo" });
      expect(iouOf(world.runsOf(1), TRUE_RUNS)).toBe(before);
    },
  );

  test("M10 only pixels near the cell are read", async () => {
    const small = pictureOf(160, 160, (y, x) => (away(y, x, 24, 24) < 6 ? "a" : "."));
    const asked = new Set<string>();
    const world = await openWith({ pictures: [small], grey: (_, y, x) => (asked.add(`${Math.floor(y / 16)}/${Math.floor(x / 16)}`), 200 * soft(away(y, x, 24, 24), 9)) });
    asked.clear();
    world.run({ kind: "select", cells: [1] });
    await world.step({ kind: "cell.autofit" });
    expect(world.edits).toHaveLength(1);
    expect(asked.size).toBeLessThanOrEqual(9);
  });

  test("M10 other cells are kept; holes close; several cells are one edit", async () => {
    const two = pictureOf(64, 80, (y, x) => (away(y, x, 32, 24) < 11 && away(y, x, 32, 24) > 2 ? "a" : away(y, x, 32, 56) < 11 ? "b" : "."));
    const world = await openWith({ pictures: [two], grey: (_, y, x) => 200 * soft(Math.min(away(y, x, 32, 26), away(y, x, 32, 54)), 15) });
    world.run({ kind: "select", cells: [1, 2] });
    await world.step({ kind: "cell.autofit" });
    expect(world.edits).toHaveLength(1);
    expect(intersection(lineOfRuns(world.runsOf(1)), lineOfRuns(world.runsOf(2)))).toEqual([]);
    expect(world.open.frame()?.cellsAt(24, 32)).toEqual([1]);
  });

  test("M10 Esc while it is fitted leaves the cell as it was; so does another's change of it", async () => {
    const world = await openWith({ pictures: [letters((y, x) => away(y, x, CY, CX) < R + 3)], grey: disc(120) });
    const before = world.runsOf(1);
    world.run({ kind: "cell.autofit", cells: [1] });
    expect(world.draft()).toMatchObject({ tool: "autofit", waiting: true });
    world.run({ kind: "gesture.cancel" });
    await settle();
    expect(world.runsOf(1)).toEqual(before);
    world.run({ kind: "cell.autofit", cells: [1] });
    world.open.session.applyEdit({ id: "x", tool: "brush", pixels: [{ t: 0, z: 0, cell: 1, add: [], remove: before.slice(0, 3) }], cells: [] });
    await settle();
    expect(world.refusals.join()).toMatch(/changed while/);
    expect(world.edits).toEqual([]);
    expect(world.draft()).toBeNull();
  });

  test("M10 refusals: nothing selected, no edge, locked", async () => {
    const world = await openWith({ pictures: [letters(truth)], grey: () => 9 });
    expect(() => world.run({ kind: "cell.autofit" })).toThrow(/No cell is selected/);
    world.run({ kind: "select", cells: [1] });
    await world.step({ kind: "cell.autofit" });
    expect(world.refusals.join()).toMatch(/No edge was found/);
    world.run({ kind: "cell.lock" });
    expect(() => world.run({ kind: "cell.autofit" })).toThrow(/locked/);
    expect(world.runsOf(1)).toEqual(TRUE_RUNS);
  });
});

// ------------------------------------------------------------ M13

describe("M13 magic wand", () => {
  /** Rings of grey: 200 within 6 px, 150 within 10 px, 100 within 14 px, then 20. */
  const rings = (_: number, y: number, x: number): number => {
    const d = away(y, x, 20, 20);
    return d < 6 ? 200 : d < 10 ? 150 : d < 14 ? 100 : 20;
  };
  const empty = pictureOf(40, 40, () => ".");
  const count = (radius: number): number => {
    let sum = 0;
    for (let y = 0; y < 40; y++) for (let x = 0; x < 40; x++) sum += Number(away(y, x, 20, 20) < radius);
    return sum;
  };
  const AT = { x: 20.5, y: 20.5 };

  test("M13 a drag to the right takes more, to the left less; the release keeps it; the tolerance is remembered", async () => {
    const world = await openWith({ pictures: [empty], grey: rings });
    await world.step({ kind: "wand.begin", at: AT });
    const shown = (): number => areaOf(world.draft()?.proposals[0]?.runs ?? []);
    expect(shown()).toBe(count(6));
    await world.step({ kind: "wand.drag", moved_px: 150 });
    expect(shown()).toBe(count(10));
    await world.step({ kind: "wand.drag", moved_px: 350 });
    expect(shown()).toBe(count(14));
    await world.step({ kind: "wand.drag", moved_px: 150 });
    expect(shown()).toBe(count(10));
    expect(world.draft()?.hint).toMatch(/Tolerance 25 % of the contrast \(63.8 grey values\)/);
    await world.step({ kind: "wand.end" });
    expect(areaOf(world.runsOf(101))).toBe(count(10));
    expect(world.edits.map((edit) => edit.tool)).toEqual(["wand"]);
    expect(world.open.outlook.toolOptions.wandTolerance).toBe(25);
    expect(world.draft()).toBeNull();
  });

  test("M13 a quick press and release, before anything was shown", async () => {
    const world = await openWith({ pictures: [empty], grey: rings });
    world.run({ kind: "wand.begin", at: AT });
    world.run({ kind: "wand.end" });
    await settle();
    expect(areaOf(world.runsOf(101))).toBe(count(6));
  });

  test("M13 what the wand takes from the selected cell", async () => {
    const world = await openWith({ pictures: [pictureOf(40, 40, (y, x) => (away(y, x, 20, 20) < 14 ? "a" : "."))], grey: rings });
    world.run({ kind: "select", cells: [1] });
    world.run({ kind: "wand.begin", at: AT });
    world.run({ kind: "wand.end", subtract: true });
    await settle();
    expect(areaOf(world.runsOf(1))).toBe(count(14) - count(6));
  });

  test("M13 another cell is not entered in the mode that keeps others, and said so once", async () => {
    const world = await openWith({ pictures: [pictureOf(40, 40, (_, x) => (x < 20 ? "a" : "."))], grey: rings });
    world.run({ kind: "wand.begin", at: { x: 10, y: 20 } });
    world.run({ kind: "wand.end" });
    await settle();
    expect(world.refusals).toHaveLength(1);
    expect(world.refusals[0]).toMatch(/belongs to another cell/);
    await world.step({ kind: "wand.begin", at: AT });
    await world.step({ kind: "wand.end" });
    expect(Math.min(...world.runsOf(101).filter((_, i) => i % 3 === 1))).toBe(20);
    expect(() => world.run({ kind: "wand.begin", at: { x: -3, y: 5 } })).toThrow(/no pixel of the image/);
  });
});
