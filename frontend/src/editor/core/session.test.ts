import { expect, test } from "vitest";
import { isEmptyEdit, NO_FACTS } from "./edit";
import { parseEdit, editToJson } from "./edit-json";
import { digestOf } from "./digest";
import { PLAIN_FILL, fillAt } from "./filling";
import { changeFacts, deleteCells, mergeCells, reassignCell, swapCells } from "./operations";
import { randomGesture } from "./random-gestures";
import { drawn, naiveApply, naiveOf, pictureWorld, seeded, tidy, worldOf } from "./testing";

test("U1 10,000 random gestures undone give the first state, redone the last", () => {
  const world = worldOf(110, 180, 3);
  const random = seeded(7);
  const first = digestOf(world.store);
  let edits = 0;
  for (let i = 0; i < 10_000; i++) if (randomGesture(world, random)) edits++;
  const last = digestOf(world.store);
  expect(edits).toBeGreaterThan(4_000);
  expect(last).not.toBe(first);
  while (world.session.history.undoCount > 0) world.session.undo();
  expect(digestOf(world.store)).toBe(first);
  while (world.session.history.redoCount > 0) world.session.redo();
  expect(digestOf(world.store)).toBe(last);
}, 900_000);

test("every gesture's edit is exact, well formed, and does to the naive twin what it did to the tiles", () => {
  const world = worldOf(270, 280);
  const random = seeded(11);
  const naive = naiveOf(world.frame);
  for (let i = 0; i < 120; i++) {
    const edit = randomGesture(world, random);
    if (!edit) continue;
    expect(isEmptyEdit(edit)).toBe(false);
    expect(editToJson(parseEdit(editToJson(edit)))).toEqual(editToJson(edit));
    naiveApply(naive, edit, 280);
  }
  expect(naiveOf(world.frame)).toEqual(naive);
}, 120_000);

test.each([
  ["keep", "aaaaccb.", 4],
  ["overwrite", "aaaacccc", 4],
  ["overlap", "aaaacc#c", 4],
] as const)("M3 write mode %s", (mode, expected, from) => {
  const world = pictureWorld("aaaa..b.");
  const edit = world.session.run("brush", (tx) => {
    tx.ensure(3);
    tx.on(0, 0).paint(3, mode, 0, from, mode === "keep" ? 7 : 8);
  });
  expect(edit?.cells.map((c) => c.cell)).toEqual(mode === "overwrite" ? [2, 3] : [3]);
  expect(drawn(world.frame)).toBe(expected);
});

test("a cell whose last pixel is taken ends in the same edit, and comes back with it", () => {
  const world = pictureWorld("aab");
  const edit = world.session.run("brush", (tx) => tx.on(0, 0).paint(1, "overwrite", 0, 2, 3));
  expect(edit?.cells).toEqual([{ cell: 2, before: NO_FACTS, after: null }]);
  expect(world.store.facts.has(2)).toBe(false);
  world.session.undo();
  expect(drawn(world.frame)).toBe("aab");
  expect(world.store.facts.has(2)).toBe(true);
});

test("a cell that may live in a frame that has not been read does not end", () => {
  const world = pictureWorld("aab");
  const store = Object.assign(world.store, { size: { ...world.store.size, t: 5 } });
  store.facts.reload([{ cell: 1, facts: { ...NO_FACTS, quality: 0.5 }, first_t: 0, last_t: 3 }]);
  const edit = world.session.run("delete", (tx) => deleteCells(tx, [world.frame], [1]));
  expect(edit?.cells).toEqual([
    { cell: 1, before: { ...NO_FACTS, quality: 0.5 }, after: NO_FACTS },
  ]);
});

test("M8 merge makes one id; daughters of the one that ends get the other as mother", () => {
  const world = pictureWorld("aa.bb.c");
  world.session.run("link", (tx) => changeFacts(tx, [3], { mother: 2 }));
  const edit = world.session.run("merge", (tx) => mergeCells(tx, [world.frame], 1, [2]), new Map([[2, 1]]));
  expect(drawn(world.frame)).toBe("aa.aa.c");
  expect(world.store.facts.get(3)?.mother).toBe(1);
  expect(edit?.cells.map((c) => [c.cell, c.after === null])).toEqual([[2, true], [3, false]]);
});

test("M9 swap and re-assign", () => {
  const world = pictureWorld("aabb");
  world.session.run("swap", (tx) => swapCells(tx, [world.frame], 1, 2));
  expect(drawn(world.frame)).toBe("bbaa");
  world.session.run("reassign", (tx) => reassignCell(tx, [world.frame], 1, 7));
  expect(drawn(world.frame)).toBe("bbgg");
  expect(world.store.facts.has(1)).toBe(false);
});

test("M4 fill: ground bounded by labels, holes of the cell, another cell by mode", () => {
  const world = pictureWorld(`
    .aaaa.
    .a..a.
    .a.aab
    .aaa.b`);
  const filled = (x: number, y: number, cell: number, mode: "keep" | "overwrite"): string => {
    world.session.run("fill", (tx) => fillAt(tx, [world.frame], 0, x, y, cell, { ...PLAIN_FILL, mode }));
    return drawn(world.frame);
  };
  expect(filled(2, 1, 3, "keep")).toBe(tidy(`
    .aaaa.
    .acca.
    .acaab
    .aaa.b`));
  world.session.undo();
  expect(filled(1, 0, 1, "keep")).toContain("aaaa.\n.aaaab");
  expect(() => filled(5, 2, 1, "keep")).toThrow(/belongs to cell 2/);
  expect(filled(5, 2, 1, "overwrite")).toContain("aaaaa\n.aaa.a");
});

test("an edit of somebody else is kept when mine is undone", () => {
  const world = pictureWorld("......");
  const brush = (cell: number, x0: number, x1: number, mode: "keep" | "overwrite") =>
    world.session.run("brush", (tx) => {
      tx.ensure(cell);
      tx.on(0, 0).paint(cell, mode, 0, x0, x1);
    });
  brush(1, 0, 4, "keep");
  const id = "00000000-0000-4000-8000-00000000ffff";
  const pixels = [{ t: 0, z: 0, cell: 2, add: [0, 2, 4], remove: [] }, { t: 0, z: 0, cell: 1, add: [], remove: [0, 2, 2] }];
  const facts = NO_FACTS;
  world.session.applyEdit({ id, tool: "brush", pixels, cells: [{ cell: 2, before: null, after: facts }] });
  expect(drawn(world.frame)).toBe("aabbbb");
  const undone = world.session.undo();
  expect(drawn(world.frame)).toBe("..bbbb");
  expect(undone?.pixels).toEqual([{ t: 0, z: 0, cell: 1, add: [], remove: [0, 0, 2] }]);
});

test("fresh tiles of the server lie under edits not yet sent, and these become exact again", () => {
  const mine = pictureWorld("a.....");
  const theirs = pictureWorld("aa...b");
  const edit = mine.session.run("brush", (tx) => tx.on(0, 0).paint(1, "keep", 0, 1, 4));
  const tiles = [...theirs.frame.tiles()].map(([, tile]) => ({ ty: tile.ty, tx: tile.tx, revision: 9, content: tile.content }));
  mine.store.facts.set(2, NO_FACTS);
  const change = { t: 0, z: 0, frame: { head: 9, tiles }, complete: true, pending: edit ? [edit] : [] };
  const rebased = mine.session.applyFrame(change);
  expect(drawn(mine.frame)).toBe("aaaa.b");
  expect(rebased.map((e) => [e.id, e.pixels])).toEqual([[edit?.id, [{ t: 0, z: 0, cell: 1, add: [0, 2, 2], remove: [] }]]]);
  expect(mine.frame.head).toBe(9);
});

test("U7 a frame of which only some tiles came anew leaves the pixels of pending edits in the others as they were drawn", () => {
  const world = worldOf(300, 600);
  const edit = world.session.run("brush", (tx) => {
    tx.ensure(1);
    tx.on(0, 0).paint(1, "keep", 10, 200, 520);
    tx.on(0, 0).paint(1, "keep", 270, 0, 20);
  });
  const pending = edit ? [edit] : [];
  const nothing = world.session.applyFrame({ t: 0, z: 0, frame: { head: 4, tiles: [] }, complete: false, pending });
  expect(nothing).toEqual(pending);
  const theirs = worldOf(300, 600);
  theirs.session.run("brush", (tx) => (tx.ensure(1), tx.on(0, 0).paint(1, "keep", 10, 300, 310)));
  const tiles = [...theirs.frame.tiles()].map(([, tile]) => ({ ty: tile.ty, tx: tile.tx, revision: 5, content: tile.content }));
  const some = world.session.applyFrame({ t: 0, z: 0, frame: { head: 5, tiles }, complete: false, pending });
  expect(some.map((e) => e.pixels)).toEqual([[{ t: 0, z: 0, cell: 1, add: [10, 200, 100, 10, 310, 210, 270, 0, 20], remove: [] }]]);
  expect(world.frame.measure(1)?.area_px).toBe(340);
});

test("a stroke under way survives somebody else's edit below it", () => {
  const world = pictureWorld(".........");
  world.session.beginStroke(0, 0, { kind: "brush", cell: 1, mode: "keep", diameter_px: 1 }, { x: 0.5, y: 0.5 });
  world.session.extendStroke([{ x: 2.5, y: 0.5 }, { x: 3.5, y: 0.5 }]);
  const facts = NO_FACTS;
  const pixels = [{ t: 0, z: 0, cell: 2, add: [0, 5, 2], remove: [] }];
  world.session.applyEdit({ id: "x", tool: "brush", pixels, cells: [{ cell: 2, before: null, after: facts }] });
  world.session.extendStroke([{ x: 8.5, y: 0.5 }]);
  const edit = world.session.endStroke();
  expect(drawn(world.frame)).toBe("aaaaabbaa");
  expect(edit?.pixels).toEqual([{ t: 0, z: 0, cell: 1, add: [0, 0, 5, 0, 7, 2], remove: [] }]);
});

test("a gesture cancelled leaves no trace", () => {
  const world = pictureWorld("aab");
  const before = digestOf(world.store);
  world.session.beginStroke(0, 0, { kind: "brush", cell: 9, mode: "overwrite", diameter_px: 5 }, { x: 1, y: 0 });
  expect(drawn(world.frame)).toBe("iii");
  world.session.cancel();
  expect(digestOf(world.store)).toBe(before);
  expect(world.session.history.undoCount).toBe(0);
});
