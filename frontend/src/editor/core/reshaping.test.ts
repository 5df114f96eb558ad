/** M11 and M4 against scikit-image and scipy, whose answers lie beside the Python tests. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { squaredDistances, FAR2 } from "./distance";
import { belongsTo, floodStack, matching } from "./flood";
import type { FrameLabels } from "./frame-labels";
import { LabelSession } from "./label-session";
import { LabelStore } from "./label-store";
import { bridgesOf, reshapeCell, reshapeCells, reshaped } from "./reshaping";
import type { Reshape } from "./reshaping";
import { runsOfMask } from "./runs";
import type { Runs } from "./runs";
import { EMPTY_FRAME, drawn, nextId, pictureWorld, rowsOf, seeded, tidy } from "./testing";
import { Transaction } from "./transaction";
import { NO_FACTS } from "./edit";

interface ShapeCase {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly runs: Runs;
  readonly answers: readonly { readonly kind: string; readonly n: number; readonly runs: Runs }[];
}

interface FloodCase {
  readonly labels: readonly (readonly (readonly number[])[])[];
  readonly z: number;
  readonly y: number;
  readonly x: number;
  readonly found: Readonly<Record<string, Readonly<Record<string, Runs>>>>;
}

const read = (name: string): unknown => JSON.parse(readFileSync(`${process.cwd()}/../tests/pictures/${name}`, "utf8"));
const shapeCases = read("shapes.json") as ShapeCase[];
const floodCases = read("floods.json") as FloodCase[];

function shapeOf(kind: string, n: number): Reshape {
  if (kind === "median" || kind === "opening-closing") return { kind: "smooth", by: kind, by_px: n };
  if (kind === "remove-small") return { kind, smallest_px: n };
  if (kind === "grow" || kind === "shrink") return { kind, by_px: n };
  return { kind: kind as "hull" | "trim" | "fill-holes" };
}

describe.each(shapeCases)("M11 $name", (item) => {
  test.each(item.answers)("$kind $n equals scikit-image", ({ kind, n, runs }) => {
    const after = reshaped(item.runs, shapeOf(kind, n), item);
    expect(runsOfMask(maskOf(after, item), item.width)).toEqual(runs);
  });

  test.each(["hull", "trim", "fill-holes", "opening-closing", "remove-small"])("%s twice is as once", (kind) => {
    const shape = shapeOf(kind, 2);
    const once = reshaped(item.runs, shape, item);
    expect(reshaped(once, shape, item)).toEqual(once);
  });
});

/** Runs drawn and taken again: sorted, whichever order they came in. */
function maskOf(runs: Runs, { height, width }: { height: number; width: number }): Uint8Array {
  const mask = new Uint8Array(height * width);
  for (let i = 0; i < runs.length; i += 3) mask.fill(1, runs[i] * width + runs[i + 1], runs[i] * width + runs[i + 1] + runs[i + 2]);
  return mask;
}

test("M11 distances equal the slow way", () => {
  const random = seeded(4);
  for (let round = 0; round < 40; round++) {
    const [width, height] = [1 + Math.floor(random() * 12), 1 + Math.floor(random() * 12)];
    const share = random();
    const data = Uint8Array.from({ length: width * height }, () => Number(random() < share));
    const naive = [...data.keys()].map((i) =>
      [...data.keys()].filter((j) => data[j] === 1).reduce((best, j) => Math.min(best, ((i % width) - (j % width)) ** 2 + (Math.floor(i / width) - Math.floor(j / width)) ** 2), FAR2));
    expect([...squaredDistances(data, width, 1)]).toEqual(naive);
  }
});

function run(world: ReturnType<typeof pictureWorld>, shape: Reshape, mode: "keep" | "overwrite" | "overlap" = "keep", cells = [1]) {
  return world.session.run("reshape", (tx) => reshapeCells(tx, world.frame, cells, shape, mode));
}

test.each([
  ["keep", "aaaabb."],
  ["overwrite", "aaaaab."],
  ["overlap", "aaaa#b."],
] as const)("M11 M3 growing meets a neighbour by write mode %s", (mode, expected) => {
  const world = pictureWorld("..aabb.");
  run(world, { kind: "grow", by_px: mode === "keep" ? 2 : 1 }, mode);
  expect(drawn(world.frame)).toBe(mode === "keep" ? expected : `.${expected.slice(1)}`);
});

test("M11 growing past a neighbour that keeps its ground leaves no island behind it", () => {
  const world = pictureWorld(`
    ..b..
    aab..
    ..b..`);
  run(world, { kind: "grow", by_px: 3 });
  expect(drawn(world.frame)).toBe(tidy(`
    aab..
    aab..
    aab..`));
});

test("M11 trim, holes, hull and small pieces of a cell, and what is no longer there comes back with undo", () => {
  const picture = `
    aaaa....a
    a..a.....
    a..a.....
    aaaa...aa`;
  const result = (shape: Reshape): string => {
    const world = pictureWorld(picture);
    run(world, shape);
    const after = drawn(world.frame);
    world.session.undo();
    expect(drawn(world.frame)).toBe(tidy(picture));
    return after;
  };
  expect(result({ kind: "trim" })).toBe(tidy("aaaa.....\na..a.....\na..a.....\naaaa....."));
  expect(result({ kind: "fill-holes" })).toBe(tidy("aaaa....a\naaaa.....\naaaa.....\naaaa...aa"));
  expect(result({ kind: "hull" })).toBe(tidy("aaaaaaaaa\naaaaaaaaa\naaaaaaaaa\naaaaaaaaa"));
  expect(result({ kind: "remove-small", smallest_px: 2 })).toBe(tidy("aaaa.....\na..a.....\na..a.....\naaaa...aa"));
});

test("M11 shrinking a cell away is refused and leaves it whole; removing small pieces may take all", () => {
  const world = pictureWorld("...\n.a.\n...");
  expect(() => run(world, { kind: "shrink", by_px: 3 })).toThrow(/Cell 1 is too small/);
  expect(drawn(world.frame)).toContain("a");
  run(world, { kind: "remove-small", smallest_px: 9 });
  expect(drawn(world.frame)).not.toContain("a");
  expect(world.store.facts.has(1)).toBe(false);
});

test("M11 a cell is shaped over tile borders as anywhere else", () => {
  const at = { y: 250, x: 250 };
  const world = pictureWorld("..........\n..aaaaaa..\n..aa..aa..\n..aaaaaa..\n..........\n..........", at);
  const tx = new Transaction(world.store);
  reshapeCell(tx, world.frame, 1, { kind: "hull" }, "keep");
  tx.commit(nextId(), "hull");
  expect(drawn(world.frame, at)).toBe(tidy("..........\n..aaaaaa..\n..aaaaaa..\n..aaaaaa..\n..........\n.........."));
});

test("M8 gaps up to a width are bridged, wider ones are not, and nothing else is filled", () => {
  const runs = runsOfMask(rowsOf(`
    aaa...a.aaaa
    aaa...a.a..a
    aaa...aaa..a`).flatMap((row) => [...row].map((letter) => Number(letter === "a"))), 12);
  const image = { height: 20, width: 20 };
  expect(bridgesOf(runs, 2, image)).toEqual([]);
  const bridged = bridgesOf(runs, 4, image);
  expect(bridged.length).toBeGreaterThan(0);
  for (let i = 0; i < bridged.length; i += 3) expect([bridged[i + 1] >= 3, bridged[i + 1] + bridged[i + 2] <= 6]).toEqual([true, true]);
});

describe.each(floodCases.map((item, i) => ({ ...item, i })))("M4 flood of stack $i", (item) => {
  const stack = stackOf(item.labels);
  const belongs = belongsTo(item.labels[item.z][item.y][item.x]);
  const asked = (found: readonly (readonly number[])[], first = 0) => Object.fromEntries(found.map((runs, i) => [String(first + i), runs]));

  test("equals scikit-image in the plane, in the stack, over corners, and not contiguous", () => {
    const inPlane = (diagonal: boolean) => asked(floodStack([stack[item.z]], 0, item.x, item.y, belongs, { diagonal }), item.z);
    const inStack = (diagonal: boolean) => asked(floodStack(stack, item.z, item.x, item.y, belongs, { diagonal }));
    expect(inPlane(false)).toEqual(item.found.plane);
    expect(inPlane(true)).toEqual(item.found["plane diagonal"]);
    expect(inStack(false)).toEqual(item.found.stack);
    expect(inStack(true)).toEqual(item.found["stack diagonal"]);
    expect(asked(stack.map((frame) => matching(frame, belongs)))).toEqual(item.found["all of the stack"]);
  });
});

/** One z plane a picture of label numbers. */
function stackOf(planes: FloodCase["labels"]): FrameLabels[] {
  const [height, width] = [planes[0].length, planes[0][0].length];
  const store = new LabelStore({ t: 1, z: planes.length, height, width });
  const session = new LabelSession(store, nextId);
  return planes.map((plane, z) => {
    const frame = store.setFrame(0, z, EMPTY_FRAME);
    session.run("draw", (tx) => {
      for (const cell of new Set(plane.flat().filter((value) => value > 0))) {
        tx.setFacts(cell, NO_FACTS);
        tx.on(0, z).paintRuns(cell, "keep", runsOfMask(plane.flat().map((value) => Number(value === cell)), width));
      }
    });
    return frame;
  });
}
