/** The pictures that the Python core reads as well: both must say the same. */
import { readFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { applyExactly } from "./apply";
import { invert } from "./edit";
import type { CellFacts } from "./edit";
import { editToJson, parseEdit } from "./edit-json";
import type { FrameLabels } from "./frame-labels";
import { FrameLabels as Labels } from "./frame-labels";
import { decodeFrameWith, encodeFrameWith } from "./frame-wire";
import { LabelStore } from "./label-store";
import { EMPTY_FRAME, nextId } from "./testing";
import { Transaction } from "./transaction";

type Cells = Readonly<Record<string, readonly number[]>>;

interface EditCase {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly t: number;
  readonly z: number;
  readonly before: Cells;
  readonly facts_before: Readonly<Record<string, CellFacts>>;
  readonly edit: unknown;
  readonly after: Cells;
  readonly facts_after: Readonly<Record<string, CellFacts>>;
}

interface FrameCase {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly bytes: string;
  readonly head: number;
  readonly tiles: readonly { ty: number; tx: number; revision: number }[];
  readonly cells: Cells;
}

const PICTURES = `${process.cwd()}/../tests/pictures`;
const read = (name: string): unknown => JSON.parse(readFileSync(`${PICTURES}/${name}`, "utf8"));
const editCases = read("edits.json") as EditCase[];
const frameCases = read("frames.json") as FrameCase[];

const cellsOf = (frame: FrameLabels): Cells => Object.fromEntries(frame.cellIds().map((cell) => [cell, frame.runsOf(cell)]));
const factsOf = (store: LabelStore): unknown => Object.fromEntries(store.facts.entries());
const inflate = (bytes: Uint8Array) => Promise.resolve(new Uint8Array(inflateSync(bytes)));
const deflate = (bytes: Uint8Array) => Promise.resolve(new Uint8Array(deflateSync(bytes)));

function storeOf(item: EditCase): LabelStore {
  const store = new LabelStore({ t: 8, z: 8, height: item.height, width: item.width });
  for (let t = 0; t < 8; t++) for (let z = 0; z < 8; z++) store.setFrame(t, z, EMPTY_FRAME);
  const tx = new Transaction(store);
  for (const [cell, facts] of Object.entries(item.facts_before)) tx.setFacts(Number(cell), facts);
  for (const [cell, runs] of Object.entries(item.before)) tx.on(item.t, item.z).paintRuns(Number(cell), "overlap", runs);
  tx.commit(nextId(), "draw");
  return store;
}

function frameOf(store: LabelStore, item: EditCase): FrameLabels {
  const frame = store.frame(item.t, item.z);
  if (!frame) throw new Error("the case's frame is missing");
  return frame;
}

test("the files hold cases", () => {
  expect(editCases.length).toBeGreaterThan(15);
  expect(frameCases.length).toBeGreaterThan(3);
});

describe.each(editCases)("$name", (item) => {
  test("edit leads from before to after, and its inverse back", () => {
    const store = storeOf(item);
    const edit = parseEdit(item.edit);
    const forth = new Transaction(store);
    applyExactly(forth, edit);
    expect(forth.commit(edit.id, edit.tool)?.cells ?? []).toEqual(edit.cells);
    expect(cellsOf(frameOf(store, item))).toEqual(item.after);
    expect(factsOf(store)).toEqual(item.facts_after);
    const back = new Transaction(store);
    applyExactly(back, invert(edit));
    back.commit(edit.id, edit.tool);
    expect(cellsOf(frameOf(store, item))).toEqual(item.before);
    expect(factsOf(store)).toEqual(item.facts_before);
  });

  test("what a transaction says is the edit itself, and JSON keeps it", () => {
    const edit = parseEdit(item.edit);
    const store = storeOf(item);
    const tx = new Transaction(store);
    applyExactly(tx, edit);
    const said = tx.commit(edit.id, edit.tool);
    const order = (a: { cell: number }, b: { cell: number }) => a.cell - b.cell;
    // Which edit it takes back, and with what it was made, is the session's to say, not the transaction's.
    expect({ ...said, undoes: edit.undoes, parameters: edit.parameters }).toEqual({ ...edit, pixels: [...edit.pixels].sort(order), cells: [...edit.cells].sort(order) });
    expect(JSON.stringify(editToJson(edit))).toBe(JSON.stringify(item.edit));
  });
});

describe.each(frameCases)("$name", (item) => {
  test("frame message is read and written back", async () => {
    const bytes = Uint8Array.from(Buffer.from(item.bytes, "base64"));
    const frame = await decodeFrameWith(bytes.buffer, inflate);
    expect(frame.head).toBe(item.head);
    expect(frame.tiles.map(({ ty, tx, revision }) => ({ ty, tx, revision }))).toEqual(item.tiles);
    const labels = Labels.of(frame, { t: 0, z: 0, height: item.height, width: item.width });
    expect(cellsOf(labels)).toEqual(item.cells);
    const again = await decodeFrameWith(await encodeFrameWith(frame, deflate), inflate);
    expect(again).toEqual(frame);
  });
});
