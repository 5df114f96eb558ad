/** Click-to-segment on an open document, without a screen: what a hand says becomes proposals, proposals become cells. */
import { describe, expect, test, vi } from "vitest";
import type { Command } from "../door";
import type { LabelDocument } from "../host";
import type { Edit } from "../core/edit";
import { drawn, pictureWorld, tidy } from "../core/testing";
import { OpenDocument } from "../open-document";
import { Prompting, setPrompting } from "../prompting/prompting";
import type { Ask, Segmented } from "../prompting/prompting";
import { runCommand } from "./run-command";

const PICTURE = `
  ............
  .aa.........
  .aa.........
  ............
`;

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Answers a square of so many px around the first click on the cell; a click beside it takes its column and what is right of it. */
class Squares extends Prompting {
  readonly asked: Ask[] = [];
  hold: Promise<void> = Promise.resolve();

  override async answer(_desk: unknown, ask: Ask): Promise<Segmented> {
    this.asked.push(ask);
    await this.hold;
    const { clicks, box } = ask.prompt;
    const [y0, x0, y1, x1] = box ? [box.y0, box.x0, box.y1, box.x1] : around(clicks);
    const end = Math.min(x1, ...clicks.filter((c) => c.sign < 0).map((c) => Math.floor(c.x)));
    return { runs: Array.from({ length: Math.ceil(y1 - y0) }, (_, i) => [Math.floor(y0) + i, Math.floor(x0), Math.ceil(end - x0)]).flat(), quality: 0.9 };
  }
}

function around(clicks: Ask["prompt"]["clicks"]): [number, number, number, number] {
  const ours = clicks.filter((c) => c.sign > 0);
  const [ys, xs] = [ours.map((c) => Math.floor(c.y)), ours.map((c) => Math.floor(c.x))];
  return [Math.max(0, Math.min(...ys) - 1), Math.max(0, Math.min(...xs) - 1), Math.min(4, Math.max(...ys) + 2), Math.min(12, Math.max(...xs) + 2)];
}

async function openOf(picture = PICTURE) {
  const frame = { head: 3, tiles: [...pictureWorld(picture).frame.tiles()].map(([, tile]) => ({ ty: tile.ty, tx: tile.tx, revision: 3, content: tile.content })) };
  const [height, width] = [tidy(picture).split("\n").length, tidy(picture).indexOf("\n")];
  let next = 5;
  const document: LabelDocument = {
    id: "test",
    size: { t: 1, c: 1, z: 1, y: height, x: width },
    pixelType: "uint16",
    channels: [{ name: "nuclei", color: null, window: [0, 9] }],
    pyramid: [{ scale: 1, height_px: height, width_px: width }],
    pixelTilePx: 16,
    pixels: { readTile: () => Promise.resolve(new Uint16Array(height * width)) },
    labels: { readFrame: () => Promise.resolve(frame) },
    cells: { readCells: () => Promise.resolve([{ cell: 1, facts: { class: null, mother: null, quality: null, channel: null, locked: false, ignored: false, merged_into: null, ending: null } }]) },
    classes: [],
    reserveIds: (count) => Promise.resolve({ first: (next += count) - count, count }),
  };
  const room = new Squares(document);
  setPrompting(document, room);
  const edits: Edit[] = [];
  const refusals: string[] = [];
  const hear = vi.fn();
  const open = new OpenDocument(document, {}, {
    size: () => ({ width: 64, height: 48, density: 1 }),
    onOutlook: hear, onTile: hear, onPixels: hear, onLabels: hear, onFailed: hear, onLater: hear,
    onEdit: (edit) => edits.push(edit),
    onRefused: (error) => refusals.push(String(error)),
  }, null);
  open.open();
  open.fit();
  await settle();
  open.set({ tool: "prompt" });
  const run = (command: Command): void => runCommand(open, command);
  const click = async (x: number, y: number, more: Partial<Extract<Command, { kind: "prompt.click" }>> = {}): Promise<void> => {
    run({ kind: "prompt.click", at: { x, y }, sign: 1, fresh: false, ...more });
    await settle();
  };
  return { open, room, edits, refusals, run, click, picture: () => drawn(open.frame() ?? pictureWorld(".").frame) };
}

describe("click-to-segment", () => {
  test("M14 a click proposes a mask, Enter makes it a new cell in one undo step", async () => {
    const { open, run, click, edits, picture } = await openOf();
    await click(7.5, 1.5);
    expect(open.outlook.draft?.proposals).toHaveLength(1);
    expect(open.outlook.draft?.shapes).toEqual([{ kind: "dot", at: { x: 7.5, y: 1.5 }, sign: 1 }]);
    expect(edits).toHaveLength(0);
    run({ kind: "proposal.accept" });
    expect(picture()).toBe(tidy(`
      ......eee...
      .aa...eee...
      .aa...eee...
      ............
    `));
    expect(edits).toHaveLength(1);
    expect(open.outlook.draft).toBeNull();
    run({ kind: "undo" });
    expect(picture()).toBe(tidy(PICTURE));
  });

  test("M14 a negative click refines the same mask; taking it back brings the mask back", async () => {
    const { open, room, run, click } = await openOf();
    await click(7.5, 1.5);
    const whole = open.outlook.draft?.proposals[0].runs;
    await click(8.5, 1.5, { sign: -1 });
    expect(open.outlook.draft?.proposals).toHaveLength(1);
    expect(open.outlook.draft?.proposals[0].runs).toEqual([0, 6, 2, 1, 6, 2, 2, 6, 2]);
    expect(room.asked.at(-1)?.prompt.clicks.map((c) => c.sign)).toEqual([1, -1]);
    run({ kind: "prompt.back" });
    await settle();
    expect(open.outlook.draft?.proposals[0].runs).toEqual(whole);
    run({ kind: "prompt.back" });
    expect(open.outlook.draft).toBeNull();
  });

  test("M14 several objects at once: Ctrl+click begins another; Y takes the first, U drops it, Enter takes all", async () => {
    const { open, run, click, picture } = await openOf();
    await click(5.5, 1.5);
    await click(9.5, 1.5, { fresh: true });
    expect(open.outlook.draft?.proposals.map((p) => p.runs[1])).toEqual([4, 8]);
    run({ kind: "proposal.accept", key: open.outlook.draft?.proposals[0].key });
    expect(open.outlook.draft?.proposals).toHaveLength(1);
    expect(open.outlook.draft?.shapes).toEqual([{ kind: "dot", at: { x: 9.5, y: 1.5 }, sign: 1 }]);
    run({ kind: "proposal.reject", key: open.outlook.draft?.proposals[0].key });
    expect(open.outlook.draft).toBeNull();
    expect(picture()).toContain("eee");
    expect(picture()).not.toContain("f");
  });

  test("M14 a click into another object's mask goes on with that object; after `another` a click begins a new one", async () => {
    const { open, room, run, click } = await openOf();
    await click(5.5, 1.5);
    await click(9.5, 1.5, { fresh: true });
    await click(5.5, 2.5);
    expect(room.asked.at(-1)?.prompt.clicks).toHaveLength(2);
    expect(room.asked.at(-1)?.key).toBe(room.asked[0].key);
    run({ kind: "prompt.another" });
    await click(1.5, 3.5);
    expect(open.outlook.draft?.proposals).toHaveLength(3);
  });

  test("M14 a box alone gives a mask; one that is too small is refused", async () => {
    const { open, run, room } = await openOf();
    run({ kind: "prompt.box", from: { x: 5, y: 0 }, to: { x: 7, y: 2 }, drawing: true });
    expect(open.outlook.draft?.shapes.at(-1)?.kind).toBe("box");
    expect(room.asked).toHaveLength(0);
    run({ kind: "prompt.box", from: { x: 9, y: 3 }, to: { x: 5, y: 0 }, drawing: false });
    await settle();
    expect(room.asked[0].prompt).toMatchObject({ clicks: [], box: { y0: 0, x0: 5, y1: 3, x1: 9 } });
    expect(open.outlook.draft?.proposals).toHaveLength(1);
    expect(() => run({ kind: "prompt.box", from: { x: 5, y: 0 }, to: { x: 6, y: 1 }, drawing: false })).toThrow("too small");
  });

  test("M14 the first click beside a cell is refused with a sentence", async () => {
    const { run } = await openOf();
    expect(() => run({ kind: "prompt.click", at: { x: 3, y: 1 }, sign: -1, fresh: false })).toThrow("Click on the cell first");
  });

  test("M14 a click on the selected cell gives it a new mask; a click elsewhere makes a new cell", async () => {
    const { open, run, click, picture } = await openOf();
    open.set({ selected: [1] });
    await click(2.5, 2.5);
    run({ kind: "proposal.accept" });
    expect(picture()).toBe(tidy(`
      ............
      .aaa........
      .aaa........
      .aaa........
    `));
    await click(8.5, 1.5);
    run({ kind: "proposal.accept" });
    expect(picture()).toContain("eee");
  });

  test("M14 an answer to an older click does not replace a newer one, and one that comes after Esc is dropped", async () => {
    const { open, room, run } = await openOf();
    let go: () => void = () => undefined;
    room.hold = new Promise((resolve) => (go = resolve));
    run({ kind: "prompt.click", at: { x: 5.5, y: 1.5 }, sign: 1, fresh: false });
    room.hold = Promise.resolve();
    run({ kind: "prompt.click", at: { x: 6.5, y: 1.5 }, sign: -1, fresh: false });
    await settle();
    const newer = open.outlook.draft?.proposals[0].runs;
    go();
    await settle();
    expect(open.outlook.draft?.proposals[0].runs).toBe(newer);
    run({ kind: "prompt.click", at: { x: 9.5, y: 1.5 }, sign: 1, fresh: true });
    run({ kind: "gesture.cancel" });
    await settle();
    expect(open.outlook.draft).toBeNull();
  });
});
