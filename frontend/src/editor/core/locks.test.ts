/** M19, M20, M21: what may be written on. */
import { describe, expect, test } from "vitest";
import type { CellFacts, Edit } from "./edit";
import { NO_FACTS } from "./edit";
import { PLAIN_FILL, fillAt } from "./filling";
import { changeFacts, copyCells, deleteCells, fillHoles, mergeCells, reassignCell, settleFacts, swapCells } from "./operations";
import { RegionTooLarge } from "./flood";
import { Refused } from "./refused";
import { reshapeCells } from "./reshaping";
import type { Reshape } from "./reshaping";
import { cutByLoop, splitCell } from "./splitting";
import { drawn, letterOf, pictureWorld, seeded, worldOf } from "./testing";
import type { World } from "./testing";
import type { Transaction } from "./transaction";

const CLASS = "5f0c6f0e-3a6b-4c57-9f3c-0c9e3f1f7a11";

function flagged(picture: string, facts: Readonly<Record<number, Partial<CellFacts>>>): World {
  const world = pictureWorld(picture);
  for (const [cell, known] of Object.entries(facts)) world.store.facts.set(Number(cell), { ...NO_FACTS, ...known });
  return world;
}

describe("M20 locked cells", () => {
  test.each([
    ["keep", "ccaacbb"],
    ["overwrite", "ccaaccc"],
    ["overlap", "cc##c##"],
  ] as const)("M20 painting over one by mode %s leaves its pixels", (mode, expected) => {
    const world = flagged("..aa.bb", { 1: { locked: true } });
    world.session.run("brush", (tx) => {
      tx.ensure(3);
      tx.on(0, 0).paint(3, mode, 0, 0, 7);
    });
    expect(drawn(world.frame)).toBe(expected);
    expect(world.frame.runsOf(1)).toEqual([0, 2, 2]);
  });

  test("M20 a pixel that a locked cell shares with another is taken from neither", () => {
    const world = flagged("aa.", { 1: { locked: true } });
    world.session.run("draw", (tx) => {
      tx.setFacts(2, NO_FACTS);
      tx.on(0, 0).paint(2, "overlap", 0, 1, 3);
    });
    world.session.run("brush", (tx) => {
      tx.ensure(3);
      tx.on(0, 0).paint(3, "overwrite", 0, 0, 3);
    });
    expect(drawn(world.frame)).toBe("a#c");
  });

  test("M20 the eraser that takes any cell takes none that is locked", () => {
    const world = flagged("aabb", { 1: { locked: true } });
    world.session.run("eraser", (tx) => tx.on(0, 0).erase(null, 0, 0, 4));
    expect(drawn(world.frame)).toBe("aa..");
  });

  const EXPLICIT: Readonly<Record<string, (tx: Transaction, world: World) => void>> = {
    paint: (tx) => tx.on(0, 0).paint(1, "keep", 0, 0, 1),
    erase: (tx) => tx.on(0, 0).erase(1, 0, 0, 9),
    delete: (tx, { frame }) => deleteCells(tx, [frame], [2, 1]),
    "merge into it": (tx, { frame }) => mergeCells(tx, [frame], 1, [2]),
    "merge it away": (tx, { frame }) => mergeCells(tx, [frame], 2, [1]),
    swap: (tx, { frame }) => swapCells(tx, [frame], 2, 1),
    "new id": (tx, { frame }) => reassignCell(tx, [frame], 1, 9),
    "another's id": (tx, { frame }) => reassignCell(tx, [frame], 2, 1),
    "fill holes": (tx, { frame }) => fillHoles(tx, frame, 1, "keep"),
    grow: (tx, { frame }) => reshapeCells(tx, frame, [2, 1], { kind: "grow", by_px: 1 }, "overlap"),
    copy: (tx, { frame }) => copyCells(tx, frame, frame, [1], { mode: "overlap", overwrites: true }),
    split: (tx, { frame }) => splitCell(tx, frame, 1, { stays: [], leaves: [0, 2, 1] }, 9),
    "fill over it": (tx, { frame }) => fillAt(tx, [frame], 0, 2, 0, 2, { ...PLAIN_FILL, mode: "overwrite" }),
    class: (tx) => changeFacts(tx, [2, 1], { class: CLASS }),
    end: (tx) => settleFacts(tx, [], undefined, [1]),
  };

  test.each(Object.entries(EXPLICIT))("M20 %s is refused, names the cell, and leaves nothing half written", (_, write) => {
    const world = flagged("..aa.bb", { 1: { locked: true } });
    if (_ === "end") world.frame.replaceTile(0, { ids: new Uint32Array(0), counts: new Uint32Array(0), starts: new Uint16Array(0), lengthsMinus1: new Uint16Array(0) }, 1);
    const before = [drawn(world.frame), world.store.facts.entries()];
    expect(() => world.session.run("try", (tx) => write(tx, world))).toThrow(/Cell 1 is locked; unlock it first/);
    expect([drawn(world.frame), world.store.facts.entries()]).toEqual(before);
    expect(world.session.history.undoCount).toBe(0);
  });

  test("M20 a class in hand locks its cells, and only those", () => {
    const world = flagged("aabbcc", { 1: { class: CLASS } });
    world.session.hand = { lockedClasses: new Set([CLASS]), birth: NO_FACTS };
    expect(() => world.session.run("delete", (tx) => deleteCells(tx, [world.frame], [1]))).toThrow(/class of cell 1 is locked/);
    world.session.run("brush", (tx) => tx.on(0, 0).paint(3, "overwrite", 0, 0, 4));
    expect(drawn(world.frame)).toBe("aacccc");
  });

  test("M20 unlocking is the one change of facts that is taken, and what follows in the same gesture is free", () => {
    const world = flagged("aabb", { 1: { locked: true } });
    expect(() => world.session.run("facts", (tx) => changeFacts(tx, [1], { ignored: true }))).toThrow(Refused);
    world.session.run("unlock", (tx) => {
      changeFacts(tx, [1], { locked: false });
      tx.on(0, 0).erase(1, 0, 0, 1);
    });
    expect(drawn(world.frame)).toBe(".abb");
  });

  test("M20 a stroke that would end a cell whose daughter is locked is refused as a whole", () => {
    const world = flagged("aabb.c", { 3: { mother: 2, locked: true } });
    world.session.beginStroke(0, 0, { kind: "brush", cell: 1, mode: "overwrite", diameter_px: 1 }, { x: 1.5, y: 0.5 });
    world.session.extendStroke([{ x: 3.5, y: 0.5 }]);
    expect(() => world.session.endStroke()).toThrow(/Cell 3 is locked/);
    expect(drawn(world.frame)).toBe("aabb.c");
  });

  test("M20 undo of one's own lock unlocks; undo over a lock that somebody else has set is refused", () => {
    const world = pictureWorld("aabb");
    world.session.run("brush", (tx) => tx.on(0, 0).erase(1, 0, 0, 1));
    world.session.run("lock", (tx) => changeFacts(tx, [1], { locked: true }));
    world.session.undo();
    expect(world.store.facts.get(1)?.locked).toBe(false);
    const theirs: Edit = { id: "x", tool: "lock", pixels: [], cells: [{ cell: 1, before: NO_FACTS, after: { ...NO_FACTS, locked: true } }] };
    world.session.applyEdit(theirs, 7);
    expect(() => world.session.undo()).toThrow(/Cell 1 is locked/);
    expect(drawn(world.frame)).toBe(".abb");
  });

  test("M20 a stroke on a cell that somebody locks meanwhile is dropped", () => {
    const world = pictureWorld("aa....");
    world.session.beginStroke(0, 0, { kind: "brush", cell: 1, mode: "keep", diameter_px: 1 }, { x: 1.5, y: 0.5 });
    world.session.extendStroke([{ x: 3.5, y: 0.5 }, { x: 4.5, y: 0.5 }]);
    world.session.applyEdit({ id: "x", tool: "lock", pixels: [], cells: [{ cell: 1, before: NO_FACTS, after: { ...NO_FACTS, locked: true } }] }, 7);
    expect(drawn(world.frame)).toBe("aa....");
    expect(world.session.endStroke()).toBeNull();
  });
});

describe("M19 masks of channels", () => {
  const nucleus = { channel: 0 };

  test.each([
    ["keep", "..##.."],
    ["overwrite", "..##.."],
    ["overlap", "..##.."],
  ] as const)("M19 a nucleus is drawn inside its cell by mode %s without a pixel of the cell lost", (mode, expected) => {
    const world = flagged(".aaaa.", {});
    world.session.hand = { lockedClasses: new Set(), birth: { ...NO_FACTS, ...nucleus } };
    world.session.run("brush", (tx) => {
      tx.ensure(2);
      tx.on(0, 0).paint(2, mode, 0, 2, 4);
    });
    expect(world.store.facts.get(2)).toEqual({ ...NO_FACTS, ...nucleus });
    expect(drawn(world.frame).replaceAll("a", ".")).toBe(expected);
    expect(world.frame.runsOf(1)).toEqual([0, 1, 4]);
  });

  test("M19 filling sees only the channel that is drawn", () => {
    const world = flagged(`
      aaaaa
      abbba
      abcba
      abbba
      aaaaa`, { 2: nucleus, 4: nucleus });
    world.session.run("draw", (tx) => tx.on(0, 0).paint(1, "overlap", 2, 2, 3));
    world.session.hand = { lockedClasses: new Set(), birth: { ...NO_FACTS, ...nucleus } };
    world.session.run("fill", (tx) => fillAt(tx, [world.frame], 0, 2, 2, 4, PLAIN_FILL));
    expect(world.frame.runsOf(4)).toEqual([2, 2, 1]);
    expect(() => world.session.run("fill", (tx) => fillAt(tx, [world.frame], 0, 1, 1, 4, PLAIN_FILL))).toThrow(/belongs to cell 2/);
  });

  test("M19 cells of different channels are neither merged nor swapped", () => {
    const world = flagged("aabb", { 2: nucleus });
    expect(() => world.session.run("merge", (tx) => mergeCells(tx, [world.frame], 1, [2]))).toThrow(/different channels/);
    expect(() => world.session.run("swap", (tx) => swapCells(tx, [world.frame], 1, 2))).toThrow(/different channels/);
  });

  test("M19 random operations for one channel never change a mask of another", () => {
    const world = worldOf(90, 110);
    const random = seeded(19);
    let edits = 0;
    for (let i = 0; i < 300; i++) {
      const channel = [null, 0, 1][Math.floor(random() * 3)];
      const others = masksOf(world, (facts) => facts.channel !== channel);
      if (randomOperation(world, channel, random)) edits++;
      expect(masksOf(world, (facts) => facts.channel !== channel)).toEqual(others);
    }
    expect(edits).toBeGreaterThan(120);
  }, 60_000);

  test("M20 random operations never change a locked cell", () => {
    const world = worldOf(90, 110);
    const random = seeded(20);
    let edits = 0;
    for (let i = 0; i < 250; i++) {
      const unlocked = world.store.facts.entries().find(([, facts]) => !facts.locked);
      if (unlocked && random() < 0.04) world.session.run("lock", (tx) => changeFacts(tx, [unlocked[0]], { locked: true }));
      const locked = masksOf(world, (facts) => facts.locked);
      if (randomOperation(world, null, random)) edits++;
      expect(masksOf(world, (facts) => facts.locked)).toEqual(locked);
    }
    expect(edits).toBeGreaterThan(50);
  }, 60_000);
});

const masksOf = ({ store, frame }: World, wanted: (facts: CellFacts) => boolean): unknown =>
  store.facts.entries().filter(([, facts]) => wanted(facts)).map(([cell, facts]) => [cell, facts, frame.runsOf(cell)]);

/** Anything a tool can do with cells of one channel; answers whether something changed. */
function randomOperation(world: World, channel: number | null, random: () => number): boolean {
  const { store, session, frame } = world;
  session.hand = { lockedClasses: new Set(), birth: { ...NO_FACTS, channel } };
  const whole = (n: number): number => Math.floor(random() * n);
  const own = store.facts.entries().filter(([, facts]) => facts.channel === channel).map(([cell]) => cell);
  const cell = random() < 0.4 || own.length === 0 ? store.facts.top + 1 : own[whole(own.length)];
  const some = own[whole(own.length)] ?? cell;
  const mode = (["keep", "overwrite", "overlap"] as const)[whole(3)];
  const at = () => ({ x: random() * 110, y: random() * 90 });
  const shapes: readonly Reshape[] = [{ kind: "grow", by_px: 3 }, { kind: "hull" }, { kind: "trim" }, { kind: "shrink", by_px: 1 }, { kind: "fill-holes" }, { kind: "smooth", by: "median", by_px: 2 }];
  try {
    switch (whole(8)) {
      case 0: case 1: case 2:
        session.beginStroke(0, 0, { kind: "brush", cell, mode, diameter_px: 1 + whole(25) }, at());
        session.extendStroke([at()]);
        return session.endStroke() !== null;
      case 3:
        session.beginStroke(0, 0, { kind: "eraser", cell: random() < 0.5 ? null : some, diameter_px: 1 + whole(20) }, at());
        return session.endStroke() !== null;
      case 4: return session.run("reshape", (tx) => reshapeCells(tx, frame, [some], shapes[whole(shapes.length)], mode)) !== null;
      case 5: return session.run("merge", (tx) => mergeCells(tx, [frame], cell, [some], { fillsHoles: true, bridge_px: 6, mode })) !== null;
      case 6: return session.run("fill", (tx) => fillAt(tx, [frame], 0, whole(110), whole(90), cell, { ...PLAIN_FILL, mode })) !== null;
      default: {
        const split = cutByLoop(frame.runsOf(some), [at(), at(), at()]);
        return split !== null && session.run("cut", (tx) => splitCell(tx, frame, some, split, store.facts.top + 1)) !== null;
      }
    }
  } catch (error) {
    if (!(error instanceof Refused || error instanceof RegionTooLarge)) throw error;
    session.cancel();
    return false;
  }
}

test("M21 what is drawn while the hand ignores is an ignored cell, and a piece cut from one is ignored as well", () => {
  const world = pictureWorld("....");
  world.session.hand = { lockedClasses: new Set(), birth: { ...NO_FACTS, ignored: true } };
  world.session.beginStroke(0, 0, { kind: "brush", cell: 1, mode: "keep", diameter_px: 1 }, { x: 0.5, y: 0.5 });
  world.session.extendStroke([{ x: 3.5, y: 0.5 }]);
  const edit = world.session.endStroke();
  expect(edit?.cells).toEqual([{ cell: 1, before: null, after: { ...NO_FACTS, ignored: true } }]);
  world.session.run("cut", (tx) => splitCell(tx, world.frame, 1, { stays: [0, 0, 2], leaves: [0, 2, 2] }, 2));
  expect(world.store.facts.get(2)?.ignored).toBe(true);
  expect(letterOf(world.frame.cellsAt(3, 0))).toBe("b");
});
