import { describe, expect, it } from "vitest";
import { setPrompting } from "../prompting/prompting";
import type { Ask, Prompting } from "../prompting/prompting";
import { openPictures, settle } from "./testing";

const A = `
  aa......
  aa......
  ........
  ....bb..`;
const MOVED = `
  ........
  .cc.....
  .cc.....
  ....bb..`;
const EMPTY = `
  ........
  ........
  ........
  ....bb..`;

/** Bright where a cell would be, one pixel down and right in the second frame. */
const grey = (n: number, y: number, x: number): number => (y >= n && y < n + 2 && x >= n && x < n + 2 ? 200 : 20);

async function open(pictures: readonly string[]) {
  const asked: Ask[] = [];
  const world = await openPictures({ pictures, grey });
  // The net's answer: four pixels at the click, or what the box holds.
  setPrompting(world.open.document, {
    answer: (_: unknown, ask: Ask) => {
      asked.push(ask);
      return Promise.resolve({ runs: [1, 1, 2, 2, 1, 2], quality: 0.9 });
    },
  } as unknown as Prompting);
  return { ...world, asked };
}

describe("T8 a lost cell is found again", () => {
  it("in a small box where the picture has moved, as a proposal for its own number", async () => {
    const { open: desk, runAll, asked, picture } = await open([A, EMPTY]);
    await runAll({ kind: "select", cells: [1] }, { kind: "cell.find" });
    await settle();
    expect(desk.outlook.t).toBe(1);
    const box = asked[0]?.prompt.box;
    expect(box && { y: (box.y0 + box.y1) / 2, x: (box.x0 + box.x1) / 2 }).toEqual({ y: 2, x: 2.5 }); // cut at the border above, to the left and below
    expect(desk.outlook.draft?.proposals.map(({ cell, t }) => [cell, t])).toEqual([[1, 1]]);
    await runAll({ kind: "proposal.accept" });
    expect(picture(1)).toContain(".aa");
  });

  it("also from the frame in which it is missing; not where it is already", async () => {
    const { open: desk, runAll, refusals } = await open([A, EMPTY]);
    await runAll({ kind: "frame.go", t: 1 }, { kind: "select", cells: [1] }, { kind: "cell.find" });
    await settle();
    expect(desk.outlook.draft?.proposals).toHaveLength(1);
    const other = await open([A, A]);
    await other.runAll({ kind: "select", cells: [1] }, { kind: "cell.find" }).catch((error: Error) => expect(error.message).toMatch("in frame 1 already"));
    expect([...refusals, ...other.refusals].filter((text) => !text.includes("already"))).toEqual([]);
  });
});

describe("T9 one number is clicked forward", () => {
  it("the frame goes on by itself, and what is clicked becomes the followed cell", async () => {
    const { open: desk, runAll, picture } = await open([A, MOVED, MOVED]);
    await runAll({ kind: "tool", tool: "follow" }, { kind: "follow.click", at: { x: 0.5, y: 0.5 } });
    expect([desk.outlook.selected, desk.outlook.t]).toEqual([[1], 1]);
    await runAll({ kind: "follow.click", at: { x: 1.5, y: 1.5 } });
    expect([desk.outlook.selected, desk.outlook.t]).toEqual([[1], 2]);
    // What followed under the other number came along: the last click only confirms.
    expect([picture(1), picture(2)].map((text) => text.includes("c"))).toEqual([false, false]);
    await runAll({ kind: "follow.click", at: { x: 1.5, y: 1.5 } });
    expect(desk.outlook.t).toBe(2);
  });

  it("where nothing is outlined, the click makes the mask", async () => {
    const { open: desk, runAll, picture, asked, edits } = await open([A, EMPTY, EMPTY]);
    await runAll({ kind: "tool", tool: "follow" }, { kind: "select", cells: [1] }, { kind: "frame.go", t: 1 }, { kind: "follow.click", at: { x: 1.5, y: 1.5 } });
    await settle();
    expect(asked[0]?.prompt.clicks).toEqual([{ x: 1.5, y: 1.5, sign: 1 }]);
    expect(picture(1)).toContain(".aa");
    expect([desk.outlook.t, desk.outlook.selected, edits.length]).toEqual([2, [1], 1]);
  });
});
