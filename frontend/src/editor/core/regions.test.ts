import { describe, expect, test } from "vitest";
import { NO_FACTS } from "./edit";
import { Refused } from "./refused";
import type { FrameTile } from "./frame";
import { tileKey } from "./geometry";
import { LabelSession } from "./label-session";
import { LabelStore } from "./label-store";
import { contentOfLines } from "./tile-content";
import { TILE, nextId } from "./testing";
import { deleteCells } from "./operations";

const tileOf = (ty: number, tx: number, ...cells: number[]): FrameTile => ({
  ty, tx, revision: 1, content: contentOfLines(new Map(cells.map((cell, i) => [cell, [1000 * i, 1000 * i + 10]]))),
});

/** A frame of 4 × 4 tiles of which nothing is here. */
function slide() {
  const store = new LabelStore({ t: 1, z: 1, height: 4 * TILE, width: 4 * TILE });
  const frame = store.openPartly(0, 0);
  const session = new LabelSession(store, nextId);
  const lay = (ty: number, tx: number, ...cells: number[]): void => {
    store.facts.load(cells.map((cell) => ({ cell, facts: NO_FACTS })));
    session.openTiles(0, 0, { ty0: ty, tx0: tx, ty1: ty + 1, tx1: tx + 1 }, { head: 1, tiles: [tileOf(ty, tx, ...cells)] });
  };
  return { store, frame, session, lay };
}

const stroke = (session: LabelSession, x: number): unknown => {
  session.beginStroke(0, 0, { kind: "brush", cell: 9, mode: "overlap", diameter_px: 3 }, { x, y: 20 });
  return session.endStroke();
};

describe("labels read by regions", () => {
  test("V4 it is known what is here, and cells are those that are here", () => {
    const { frame, lay } = slide();
    lay(0, 0, 1, 2);
    expect(frame.covers({ x0: 0, y0: 0, x1: TILE, y1: TILE })).toBe(true);
    expect(frame.covers({ x0: 0, y0: 0, x1: TILE + 1, y1: TILE })).toBe(false);
    expect(frame.cellIds()).toEqual([1, 2]);
  });

  test("V4 nothing can be drawn where labels are not here, and the refusal leaves them as they were", () => {
    const { store, session, lay } = slide();
    lay(0, 0, 1);
    expect(stroke(session, 40)).not.toBeNull();
    const before = store.version;
    expect(() => session.run("brush", (tx) => tx.on(0, 0).paint(9, "overlap", 20, 2 * TILE, 2 * TILE + 4))).toThrow(Refused);
    expect(store.version).toBe(before);
  });

  test("V4 what was drawn on is kept, the rest can be forgotten with its cells", () => {
    const { frame, session, lay } = slide();
    lay(0, 0, 1);
    lay(0, 1, 2, 3);
    stroke(session, 40);
    expect(frame.forgetTile(tileKey(0, 0))).toEqual([]);
    expect(frame.forgetTile(tileKey(0, 1))).toEqual([2, 3]);
    expect([frame.has(1), frame.has(2), frame.knows(tileKey(0, 1))]).toEqual([true, false, false]);
  });

  test("V4 tiles that are here are not replaced by a later answer", () => {
    const { frame, session, lay } = slide();
    lay(0, 0, 1);
    stroke(session, 40);
    lay(0, 0, 5);
    expect(frame.cellIds()).toEqual([1, 9]);
  });

  test("V4 a cell that reaches beyond what is here does not end when the part that is here is erased", () => {
    const { store, frame, session, lay } = slide();
    lay(0, 0, 1, 2);
    frame.known?.say(1, [tileKey(0, 0), tileKey(0, 1)]);
    session.run("delete", (tx) => deleteCells(tx, [frame], [1, 2]), undefined, [1, 2]);
    expect([store.facts.has(1), store.facts.has(2)]).toEqual([true, false]);
    expect(frame.coversCell(1)).toBe(false);
    lay(0, 1, 1);
    expect(frame.coversCell(1)).toBe(true);
  });

  test("V4 another person's edit is laid where labels are here, and comes with the tile elsewhere", () => {
    const { store, frame, session, lay } = slide();
    lay(0, 0, 1);
    const add = [20, TILE - 5, 10];
    store.facts.load([{ cell: 7, facts: NO_FACTS }]);
    session.applyEdit({ id: nextId(), tool: "brush", cells: [], pixels: [{ t: 0, z: 0, cell: 7, add, remove: [] }] }, 2);
    expect(frame.runsOf(7)).toEqual([20, TILE - 5, 5]);
    expect(frame.coversCell(7)).toBe(false);
  });

  test("V4 an own edit that the server has not yet is laid over tiles that come later", () => {
    const { store, frame, session, lay } = slide();
    lay(0, 0, 1);
    store.facts.load([{ cell: 7, facts: NO_FACTS }]);
    session.applyEdit({ id: nextId(), tool: "brush", cells: [], pixels: [{ t: 0, z: 0, cell: 7, add: [20, TILE - 5, 10], remove: [] }] });
    lay(0, 1, 2);
    expect(frame.runsOf(7)).toEqual([20, TILE - 5, 10]);
  });

  test("V4 the cell under a pixel is found without unpacking its tile", () => {
    const { frame, lay } = slide();
    lay(1, 2, 4, 6);
    expect(frame.cellsAt(2 * TILE + 3, TILE)).toEqual([4]);
    expect(frame.tile(tileKey(1, 2))?.isUnpacked).toBe(false);
  });
});
