/** Commands on whole cells, on an open document. */
import { describe, expect, test } from "vitest";
import { commandFor } from "../input/actions/actions";
import { stateOf, NO_DOCUMENT } from "../state";
import { NO_FACTS } from "../core/edit";
import { cutByLine } from "../core/splitting";
import { tidy } from "../core/testing";
import type { Command } from "../door";
import { CELL_DOERS } from "./cell-commands";
import { LABEL_DOERS } from "./label-commands";
import { PROPOSAL_DOERS } from "./proposal-commands";
import { SERIES_DOERS } from "./series-commands";
import { openPictures, settle } from "./testing";
import { TRACE_DOERS } from "./trace-commands";

const TWO = `
  ..........
  .aaaa..bb.
  .a..a..bb.
  .aaaa..bb.
  ..........`;
const ROW = ".aabb.cc..";
const NONE = "..........";

describe("shapes", () => {
  test("M11 by a typed number, on all selected cells at once, one undo step", async () => {
    const { run, picture, edits } = await openPictures({ pictures: [TWO] });
    run({ kind: "select", cells: [1, 2] });
    run({ kind: "cell.reshape", shape: "grow", by_px: 1 });
    expect(picture()).toBe(tidy(`
      .aaaa..bb.
      aaaaaabbbb
      aaaaaabbbb
      aaaaaabbbb
      .aaaa..bb.`));
    expect(edits.map((edit) => edit.tool)).toEqual(["grow"]);
    run({ kind: "undo" });
    expect(picture()).toBe(tidy(TWO));
  });

  test("M11 a number out of range, and a cell that is not here, are refused", async () => {
    const { run } = await openPictures({ pictures: [TWO, TWO.replaceAll("b", ".")] });
    run({ kind: "select", cells: [1] });
    expect(() => run({ kind: "cell.reshape", shape: "shrink", by_px: 0 })).toThrow(/from 1 to 100/);
    expect(() => run({ kind: "cell.reshape", shape: "shrink", by_px: Number.NaN })).toThrow(/from 1 to 100/);
    expect(() => run({ kind: "cell.reshape", shape: "hull", cells: [77] })).toThrow(/Cell 77 has no pixel in this frame/);
  });

  test("M11 with nothing selected, cells of the frame below a size go; locked ones stay", async () => {
    const { run, picture } = await openPictures({ pictures: ["a.bb.cccc.d"], facts: { 4: { locked: true } } });
    expect(() => run({ kind: "cell.remove-small", smallest_px: 1 })).toThrow(/No cell of this frame/);
    run({ kind: "cell.remove-small", smallest_px: 3 });
    expect(picture()).toBe(".....cccc.d");
  });
});

describe("cuts", () => {
  test("M7 the cut is seen while it is drawn, and is one edit when the pen is lifted", async () => {
    const { open, run, picture, edits } = await openPictures({ pictures: [TWO] });
    run({ kind: "trace.begin", with: "cut", at: { x: 3.5, y: -0.4 } });
    run({ kind: "trace.extend", points: [{ x: 3.5, y: 2 }] });
    expect(open.outlook.draft?.proposals).toEqual([]);
    run({ kind: "trace.extend", points: [{ x: 3.5, y: 4.9 }] });
    const split = cutByLine(open.frame()?.runsOf(1) ?? [], [{ x: 3.5, y: -0.4 }, { x: 3.5, y: 4.9 }]);
    expect(open.outlook.draft).toMatchObject({ hint: "Cuts cell 1 in two.", proposals: [{ cell: null, runs: split?.leaves }] });
    expect(edits).toEqual([]);
    run({ kind: "trace.end" });
    expect(edits).toHaveLength(1);
    expect(open.outlook.draft).toBeNull();
    expect(open.outlook.selected).toEqual([1, 101]);
    expect(picture().match(/[^.\nb]/g)).toHaveLength(10);
    run({ kind: "undo" });
    expect(picture()).toBe(tidy(TWO));
  });

  test("M7 a path that comes back to its start, or is held closed, cuts a piece out", async () => {
    const { open, run, picture } = await openPictures({ pictures: [TWO] });
    const ring = [{ x: 3.2, y: 0.5 }, { x: 5.5, y: 0.5 }, { x: 5.5, y: 4.5 }, { x: 3.2, y: 4.5 }];
    open.set({ camera: { x: 5, y: 2, zoom: 20 } });
    run({ kind: "trace.begin", with: "cut", at: ring[0] });
    run({ kind: "trace.extend", points: ring.slice(1) });
    expect(open.outlook.draft?.shapes[0]).toMatchObject({ closed: false });
    run({ kind: "trace.extend", points: [{ x: 3.3, y: 0.6 }] });
    expect(open.outlook.draft?.shapes[0]).toMatchObject({ closed: true });
    run({ kind: "trace.end" });
    expect(picture().split("\n")[2]).toMatch(/^\.a\.\.[^a.]\.\.bb/);
    run({ kind: "undo" });
    run({ kind: "cell.cut", path: ring, closed: true, cells: [1] });
    expect(open.frame()?.measure(1)?.area_px).toBe(5);
  });

  test("M7 paths that cut nothing are refused; Esc drops the path", async () => {
    const { open, run } = await openPictures({ pictures: [TWO] });
    expect(() => run({ kind: "cell.cut", path: [{ x: 0, y: 0 }, { x: 9, y: 0 }], closed: false })).toThrow(/cuts no cell in two/);
    expect(() => run({ kind: "cell.cut", path: [{ x: 0, y: 0 }, { x: 9, y: 0 }], closed: true })).toThrow(/cuts nothing out/);
    run({ kind: "trace.begin", with: "cut", at: { x: 3, y: 0 } });
    run({ kind: "gesture.cancel" });
    expect(open.outlook.draft).toBeNull();
  });
});

describe("many cells", () => {
  test("M17 all, none of another channel, inverted, added, then deleted in one edit", async () => {
    const { open, run, picture, edits } = await openPictures({ pictures: ["a.bb.cc.dd.e"], facts: { 3: { channel: 0 }, 4: { locked: true } } });
    run({ kind: "select.where", where: {} });
    expect(open.outlook.selected).toEqual([1, 2, 5]);
    run({ kind: "select", cells: [2] });
    run({ kind: "select.invert" });
    expect(open.outlook.selected).toEqual([1, 5]);
    run({ kind: "select.where", where: { area_px: [2, 2] }, add: true });
    expect(open.outlook.selected).toEqual([1, 5, 2]);
    run({ kind: "cell.delete" });
    expect(picture()).toBe(".....cc.dd..");
    expect(edits).toHaveLength(1);
    expect(open.outlook.selected).toEqual([]);
  });

  test("M17 a loop gathers; class, lock, ignore and merge act on all of them", async () => {
    const { open, run, picture } = await openPictures({ pictures: [`${NONE}..\n${ROW}dd`] });
    run({ kind: "trace.begin", with: "gather", at: { x: 0, y: 0 } });
    run({ kind: "trace.extend", points: [{ x: 9, y: 0 }, { x: 9, y: 2 }, { x: 0, y: 2 }] });
    run({ kind: "trace.end" });
    expect(open.outlook.selected).toEqual([1, 2, 3]);
    run({ kind: "cell.ignore" });
    expect([1, 2, 3, 4].map((cell) => open.store.facts.get(cell)?.ignored)).toEqual([true, true, true, false]);
    run({ kind: "cell.merge", into: 1, from: [2, 3] });
    expect(picture()).toContain(".aaaa.aa..dd");
    expect(open.store.facts.has(2)).toBe(false);
    run({ kind: "select", cells: [1, 4] });
    run({ kind: "cell.lock" });
    expect(() => run({ kind: "cell.delete" })).toThrow(/Cells 1, 4 are locked; unlock them first/);
    run({ kind: "cell.lock" });
    run({ kind: "cell.delete" });
    expect(picture()).not.toMatch(/[a-z]/);
  });

  test("M8 merging bridges gaps and fills holes when asked, and the result takes over class, mother and daughters", async () => {
    const { open, run, picture } = await openPictures({
      pictures: [`
        aaa.bbb...
        a.a.b.b...
        aaa.bbb...
        ........cd`],
      facts: { 2: { mother: 3 }, 4: { mother: 2 } },
    });
    run({ kind: "tool.options", options: { mergeFillsHoles: true, mergeBridge_px: 2 } });
    run({ kind: "cell.merge", into: 1, from: [2] });
    expect(picture().split("\n").slice(0, 3)).toEqual(["aaaaaaa...", "aaaaaaa...", "aaa.aaa..."]);
    expect(open.store.facts.get(1)?.mother).toBe(3);
    expect(open.store.facts.get(4)?.mother).toBe(1);
  });
});

describe("time", () => {
  const movie = [ROW, ROW, ROW, ROW];

  test.each([
    ["frame", [1]], ["past", [0, 1]], ["future", [1, 2, 3]], ["everywhere", [0, 1, 2, 3]],
  ] as const)("M9 swap in scope %s reaches these frames and no others", async (scope, changed) => {
    const { run, runAll, picture, edits } = await openPictures({ pictures: movie });
    await runAll({ kind: "frame.go", t: 1 }, { kind: "tool.options", options: { scope } });
    run({ kind: "cell.swap", a: 1, b: 2 });
    await settle();
    expect(edits).toHaveLength(1);
    const pictures = [0, 1, 2, 3].map((t) => picture(t)).map((drawn) => (drawn === ".bbaa.cc.." ? "swapped" : drawn === ROW ? "as it was" : drawn));
    const read = (t: number): string => (changed.some((c) => c === t) ? "swapped" : "as it was");
    expect(pictures.filter((p) => p !== "not read")).toEqual([0, 1, 2, 3].filter((t) => pictures[t] !== "not read").map(read));
    // Beyond one frame nothing is read for it: the edit says names, not pixels.
    const ranges = edits[0].moves?.map(({ first, last }) => [first, last]);
    if (scope === "frame") expect(new Set(edits[0].pixels.map((p) => p.t))).toEqual(new Set(changed));
    else expect([edits[0].pixels, ranges]).toEqual([[], [[changed[0], changed.at(-1)], [changed[0], changed.at(-1)]]]);
  });

  test("M9 mothers and daughters go with the part of the track that they belong to, everywhere all that is known", async () => {
    const facts = { 1: { mother: 4, class: "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a11" }, 3: { mother: 1 } };
    const pictures = [".aabb...dd", ".aabb...dd", "..bb.cc.dd"];
    const swapped = async (scope: "past" | "future" | "everywhere") => {
      const { open, runAll } = await openPictures({ pictures, facts });
      await runAll({ kind: "frame.go", t: 1 }, { kind: "cell.swap", a: 1, b: 2, scope });
      return [1, 2].map((cell) => open.store.facts.get(cell)?.mother).concat(open.store.facts.get(3)?.mother, Number(open.store.facts.get(2)?.class !== null));
    };
    expect(await swapped("future")).toEqual([4, null, 2, 0]);
    expect(await swapped("past")).toEqual([null, 4, 2, 0]);
    expect(await swapped("everywhere")).toEqual([null, 4, 2, 1]);
  });

  test("M9 a new id from here on takes the daughters along and leaves the mother with the beginning", async () => {
    const facts = { 1: { mother: 4 }, 3: { mother: 1 } };
    const { open, runAll, picture } = await openPictures({ pictures: [".aa.....dd", ".aa.......", ".aa.......", ".....cc..."], facts });
    await runAll({ kind: "frame.go", t: 1 }, { kind: "cell.reassign", cell: 1, to: "new", scope: "future" });
    expect([open.store.facts.get(1)?.mother, open.store.facts.get(101)?.mother, open.store.facts.get(3)?.mother]).toEqual([4, null, 101]);
    expect(picture(0)).toContain("aa");
    expect(picture(2)).not.toContain("aa");
  });

  test("M18 one key copies to the next frame under the same id; where it already is, only when asked", async () => {
    const { open, runAll, run, picture, edits } = await openPictures({ pictures: [ROW, ".....bbb..", NONE] });
    const act = (name: string): Command => commandFor(name, stateOf(open, NO_DOCUMENT)) ?? { kind: "gesture.cancel" };
    await runAll({ kind: "select", cells: [1] }, act("cell.copy-next"));
    expect(picture(1)).toBe(".aa..bbb..");
    expect(open.outlook.t).toBe(1);
    expect(edits[0]).toMatchObject({ tool: "copy", pixels: [{ t: 1, cell: 1, add: [0, 1, 2] }], cells: [] });
    await runAll({ kind: "frame.go", t: 0 }, { kind: "select", cells: [2] });
    expect(() => run({ kind: "cell.copy", by_t: 1 })).toThrow(/Cell 2 already has pixels in frame t 1/);
    await runAll({ kind: "tool.options", options: { copyOverwrites: true } }, { kind: "cell.copy", by_t: 1 });
    expect(picture(1)).toBe(".aabb.....");
    await runAll({ kind: "frame.go", t: 2 });
    expect(() => run({ kind: "cell.copy", by_t: 1 })).toThrow(/no pixel in this frame/);
    expect(() => run({ kind: "cell.copy", by_t: 1, cells: [2] })).toThrow(/no pixel in this frame/);
  });

  test("M18 to the next plane of a stack; past the last there is none", async () => {
    const { runAll, run, picture } = await openPictures({ pictures: [ROW, NONE], along: "z" });
    await runAll({ kind: "select", cells: [1, 3] }, { kind: "cell.copy", by_z: 1 });
    expect(picture(1)).toBe(".aa...cc..");
    expect(() => run({ kind: "cell.copy", by_z: 1 })).toThrow(/highest plane/);
  });
});

const square = (y: number, x: number, size = 9): string =>
  Array.from({ length: 40 }, (_, r) => Array.from({ length: 40 }, (_v, c) => (r >= y && r < y + size && c >= x && c < x + size ? "a" : ".")).join("")).join("\n");

describe("series", () => {
  const EMPTY = square(50, 50);
  const stack = { pictures: [square(4, 4), EMPTY, EMPTY, EMPTY, square(12, 12)], along: "z" as const };

  test("M16 planes between are proposed; those accepted are drawn, those rejected stay untouched, and the view goes on", async () => {
    const { open, runAll, picture, edits } = await openPictures(stack);
    await runAll({ kind: "select", cells: [1] }, { kind: "cell.interpolate" });
    expect(open.outlook.draft).toMatchObject({ tool: "interpolate", proposals: [{ z: 1, cell: 1 }, { z: 2, cell: 1 }, { z: 3, cell: 1 }] });
    expect(open.outlook.z).toBe(1);
    const act = (name: string): Command => commandFor(name, stateOf(open, NO_DOCUMENT)) ?? { kind: "gesture.cancel" };
    await runAll(act("proposal.accept-one"));
    expect([picture(1), open.outlook.z]).toEqual([square(6, 6), 2]);
    await runAll(act("proposal.reject-one"));
    expect([picture(2), open.outlook.z]).toEqual([EMPTY, 3]);
    await runAll(act("proposal.accept-one"));
    expect([picture(3), open.outlook.draft]).toEqual([square(10, 10), null]);
    expect(edits.map((edit) => edit.tool)).toEqual(["interpolate", "interpolate"]);
    await runAll({ kind: "undo" }, { kind: "undo" });
    expect(picture(1)).toBe(EMPTY);
  });

  test("M16 all at once is one edit; without a gap it is refused", async () => {
    const { runAll, run, edits, refusals } = await openPictures(stack);
    await runAll({ kind: "select", cells: [1] }, { kind: "cell.interpolate" }, { kind: "proposal.accept" });
    expect(edits.map((edit) => edit.pixels.map((p) => p.z))).toEqual([[1, 2, 3]]);
    expect(() => run({ kind: "cell.interpolate" })).toThrow(/Cell 1 has no gap between two planes/);
    expect(refusals).toEqual([]);
  });

  const moving = {
    pictures: [square(6, 5), EMPTY, EMPTY, EMPTY],
    // A bright blob that goes 3 px right and 2 px down a frame.
    grey: (t: number, y: number, x: number) => 20 + ((y * 7 + x * 13) % 3) + 180 * Math.exp(-((y - 10 - 2 * t) ** 2 + (x - 9 - 3 * t) ** 2) / 18),
  };

  test("M16 cells follow the picture over t: proposals a frame, rejected frames stay untouched", async () => {
    const { open, runAll, picture, edits } = await openPictures(moving);
    await runAll({ kind: "select", cells: [1] }, { kind: "cell.propagate", frames: 3 });
    await settle();
    expect(open.outlook.draft?.proposals.map((p) => [p.t, p.runs[0], p.runs[1]])).toEqual([[1, 8, 8], [2, 10, 11], [3, 12, 14]]);
    expect(open.outlook.t).toBe(1);
    await runAll({ kind: "proposal.accept", here: true }, { kind: "proposal.reject", here: true }, { kind: "proposal.accept", here: true });
    expect([1, 2, 3].map((t) => picture(t))).toEqual([square(8, 8), EMPTY, square(12, 14)]);
    expect(edits).toHaveLength(2);
  });

  test("M16 frames where the cell is drawn already are passed over, and the shape found there is followed", async () => {
    const { open, runAll, refusals } = await openPictures({ ...moving, pictures: [square(6, 5), square(8, 8, 7), EMPTY, EMPTY] });
    await runAll({ kind: "select", cells: [1] }, { kind: "cell.propagate", frames: 2 });
    await settle();
    expect(open.outlook.draft?.proposals.map((p) => [p.t, p.runs[2]])).toEqual([[2, 7]]);
    await runAll({ kind: "gesture.cancel" }, { kind: "frame.go", t: 0 }, { kind: "cell.propagate", frames: 1 });
    await settle();
    expect(refusals.join()).toMatch(/pixels in all these frames already/);
  });
});

describe("M20 every command that changes labels", () => {
  const NEEDS: Readonly<Record<string, readonly Command[]>> = {
    "stroke.begin": [{ kind: "stroke.begin", with: "brush", at: { x: 2, y: 0.5 } }],
    "stroke.extend": [{ kind: "select", cells: [2] }, { kind: "tool.options", options: { writeMode: "overwrite", brush_px: 5 } }, { kind: "stroke.begin", with: "brush", at: { x: 9, y: 0.5 } }, { kind: "stroke.extend", points: [{ x: 0, y: 0.5 }] }, { kind: "stroke.end" }],
    "stroke.end": [{ kind: "tool.options", options: { erase: "any" } }, { kind: "stroke.begin", with: "eraser", at: { x: 2, y: 0.5 } }, { kind: "stroke.end" }],
    fill: [{ kind: "select", cells: [2] }, { kind: "tool.options", options: { writeMode: "overwrite" } }, { kind: "fill", at: { x: 1.5, y: 0.5 } }],
    "cell.fill-holes": [{ kind: "cell.fill-holes" }],
    "cell.merge": [{ kind: "cell.merge", into: 2, from: [1] }],
    "cell.merge-at": [{ kind: "select", cells: [2] }, { kind: "cell.merge-at", at: { x: 1.5, y: 0.5 } }],
    "cell.delete": [{ kind: "cell.delete", scope: "everywhere" }],
    "cell.delete-at": [{ kind: "cell.delete-at", at: { x: 1.5, y: 0.5 } }],
    "cell.reassign": [{ kind: "cell.reassign", cell: 1, to: "new" }],
    "cell.swap": [{ kind: "cell.swap", a: 2, b: 1 }],
    "cell.facts": [{ kind: "cell.facts", cells: [1], facts: { class: null, ignored: true } }],
    "cell.class": [{ kind: "cell.class", cells: [1], class: null }],
    "cell.attribute": [{ kind: "cell.attribute", cells: [1], attribute: "size", value: 3 }],
    "cell.doubt": [{ kind: "cell.doubt" }],
    "cell.reshape": [{ kind: "cell.reshape", shape: "grow", by_px: 2 }],
    "cell.remove-small": [{ kind: "cell.remove-small", smallest_px: 1000 }],
    "cell.ignore": [{ kind: "cell.ignore" }],
    "cell.cut": [{ kind: "cell.cut", path: [{ x: 2, y: -1 }, { x: 2, y: 3 }], closed: false }],
    "trace.end": [{ kind: "trace.begin", with: "cut", at: { x: 2, y: -1 } }, { kind: "trace.extend", points: [{ x: 2, y: 3 }] }, { kind: "trace.end" }],
    "cell.copy": [{ kind: "cell.copy", by_t: 1 }],
    "cell.interpolate": [{ kind: "cell.interpolate" }, { kind: "proposal.accept" }],
    "cell.propagate": [{ kind: "tool.options", options: { copyOverwrites: true } }, { kind: "cell.propagate" }, { kind: "proposal.accept" }],
    "cell.find": [{ kind: "cell.find" }, { kind: "proposal.accept" }],
    "follow.click": [{ kind: "tool", tool: "follow" }, { kind: "frame.go", t: 2 }, { kind: "follow.click", at: { x: 2.5, y: 0.5 } }],
    "proposal.accept": [{ kind: "cell.interpolate" }, { kind: "proposal.accept", here: true }],
  };
  const CHANGES_NOTHING = ["gesture.cancel", "cell.new", "cell.lock", "select.where", "select.like", "select.invert", "trace.begin", "trace.extend", "select.inside", "proposal.reject"];

  test("M20 no command is forgotten", () => {
    const kinds = [LABEL_DOERS, CELL_DOERS, TRACE_DOERS, SERIES_DOERS, PROPOSAL_DOERS].flatMap((doers) => Object.keys(doers));
    expect([...Object.keys(NEEDS), ...CHANGES_NOTHING].sort()).toEqual(kinds.sort());
  });

  test.each(Object.entries(NEEDS))("M20 %s refuses a locked cell, or leaves it as it is", async (_, commands) => {
    const LOCKED = ".aabb.cc..\n.aabb.cc..";
    const gap = [LOCKED, `${NONE}\n${NONE}`, LOCKED];
    const { open, run, picture } = await openPictures({ pictures: gap, facts: { 1: { locked: true, class: null } } });
    run({ kind: "select", cells: [1] });
    const said: string[] = [];
    for (const command of commands) {
      try {
        run(command);
      } catch (error) {
        said.push(String(error));
      }
      await settle();
    }
    const cellIn = (text: string): string => text.replaceAll(/[^a\n]/g, ".");
    const read = [0, 1, 2].filter((t) => open.store.frame(t, 0));
    expect(read.map((t) => cellIn(picture(t)))).toEqual(read.map((t) => cellIn(gap[t])));
    expect(open.store.facts.get(1)).toEqual({ ...NO_FACTS, locked: true });
    for (const text of said) expect(text).toMatch(/Cell 1 is locked|nothing|no cell/i);
  });
});

test("M21 what is drawn with the mark on is ignored; the key marks and unmarks what is selected", async () => {
  const { open, run } = await openPictures({ pictures: [ROW] });
  run({ kind: "tool.options", options: { ignoring: true, brush_px: 1 } });
  run({ kind: "stroke.begin", with: "brush", at: { x: 9.5, y: 0.5 } });
  run({ kind: "stroke.end" });
  expect(open.store.facts.get(101)).toEqual({ ...NO_FACTS, ignored: true });
  run({ kind: "cell.ignore", cells: [1, 101] });
  expect(open.store.facts.get(1)?.ignored).toBe(true);
  run({ kind: "cell.ignore", cells: [1, 101] });
  expect([1, 101].map((cell) => open.store.facts.get(cell)?.ignored)).toEqual([false, false]);
});

test("M19 with a channel in hand, new masks are of that channel and lie over whole cells", async () => {
  const { open, run, picture } = await openPictures({ pictures: [ROW], channels: 2 });
  run({ kind: "tool.options", options: { channel: 1, brush_px: 1, writeMode: "overwrite" } });
  run({ kind: "stroke.begin", with: "brush", at: { x: 1.5, y: 0.5 } });
  run({ kind: "stroke.end" });
  expect(picture()).toBe(".#abb.cc..");
  expect(open.store.facts.get(101)?.channel).toBe(1);
  run({ kind: "cell.delete-at", at: { x: 2.5, y: 0.5 } });
  run({ kind: "cell.delete-at", at: { x: 1.5, y: 0.5 } });
  expect(picture()).toBe(ROW);
});

test("M4 filling through a stack reads the planes it needs and is one edit", async () => {
  const ring = ".aaa.\n.a.a.\n.aaa.";
  const { run, runAll, edits, picture } = await openPictures({ pictures: [".aaa.\n.aaa.\n.aaa.", ring, ring, ".aaa.\n.aaa.\n.aaa."], along: "z" });
  await runAll({ kind: "frame.go", z: 1 }, { kind: "tool.options", options: { fillThrough: "stack" } }, { kind: "cell.new" });
  run({ kind: "fill", at: { x: 2.5, y: 1.5 } });
  await settle();
  expect(edits.map((edit) => edit.pixels.map((p) => [p.z, ...p.add]))).toEqual([[[1, 1, 2, 1], [2, 1, 2, 1]]]);
  expect(picture(0)).toBe(".aaa.\n.aaa.\n.aaa.");
});
