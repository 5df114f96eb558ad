/** Commands on an open document, without a screen. */
import { describe, expect, test, vi } from "vitest";
import type { Command } from "../door";
import type { LabelDocument, PixelRequest } from "../host";
import { NO_FACTS } from "../core/edit";
import type { Edit } from "../core/edit";
import type { Frame } from "../core/frame";
import { drawn, pictureWorld, tidy } from "../core/testing";
import { OpenDocument } from "../open-document";
import { runCommand } from "./run-command";

const frameOf = (text: string): Frame => {
  const tiles = [...pictureWorld(text).frame.tiles()].map(([, tile]) => ({ ty: tile.ty, tx: tile.tx, revision: 3, content: tile.content }));
  return { head: 3, tiles };
};

const FACTS = NO_FACTS;

/** One picture a frame, drawn in letters; reads answer at once unless told otherwise. */
function documentOf(pictures: readonly string[], changes: Partial<LabelDocument> = {}): LabelDocument {
  const [height, width] = [tidy(pictures[0]).split("\n").length, tidy(pictures[0]).indexOf("\n")];
  const letters = new Set([...pictures.join("")].filter((letter) => /[a-z]/.test(letter)));
  let next = 101;
  return {
    id: "test",
    size: { t: pictures.length, c: 1, z: 1, y: height, x: width },
    pixelType: "uint16",
    channels: [{ name: "nuclei", color: null, window: null }],
    pyramid: [{ scale: 1, height_px: height, width_px: width }],
    pixelTilePx: 16,
    pixels: { readTile: () => Promise.resolve(new Uint16Array(height * width).map((_, i) => 100 + i)) },
    labels: { readFrame: ({ t }) => Promise.resolve(frameOf(pictures[t])) },
    cells: { readCells: () => Promise.resolve([...letters].map((letter) => ({ cell: letter.charCodeAt(0) - 96, facts: FACTS, first_t: 0, last_t: pictures.length - 1 }))) },
    classes: [],
    reserveIds: (count) => Promise.resolve({ first: (next += count) - count, count }),
    ...changes,
  };
}

async function openOf(document: LabelDocument) {
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
  const run = (command: Command): void => runCommand(open, command);
  const picture = (): string => drawn(open.frame() ?? pictureWorld(".").frame);
  return { open, edits, refusals, run, picture };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const TWO = `
  .........
  .aa..bb..
  .aa..bb..
  .........`;

describe("gestures", () => {
  test("a stroke with nothing selected makes a new cell with a reserved id, and is one edit and one undo step", async () => {
    const { run, edits, open, picture } = await openOf(documentOf([TWO]));
    run({ kind: "tool.options", options: { brush_px: 1 } });
    run({ kind: "stroke.begin", with: "brush", at: { x: 0.5, y: 0.5 } });
    run({ kind: "stroke.extend", points: [{ x: 4.5, y: 0.5 }, { x: 8.5, y: 0.5 }] });
    run({ kind: "stroke.end" });
    expect(edits).toHaveLength(1);
    expect(edits[0]).toMatchObject({ tool: "brush", pixels: [{ cell: 101, add: [0, 0, 9] }], cells: [{ cell: 101, before: null }] });
    expect(edits[0].id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(open.outlook.selected).toEqual([101]);
    run({ kind: "undo" });
    expect(picture()).toBe(tidy(TWO));
    expect(edits).toHaveLength(2);
    run({ kind: "redo" });
    expect(open.frame()?.measure(101)?.area_px).toBe(9);
  });

  test.each(["selected", "any"] as const)("the eraser takes %s", async (erase) => {
    const { run, picture } = await openOf(documentOf([TWO]));
    run({ kind: "select", cells: [1] });
    run({ kind: "tool.options", options: { brush_px: 8, erase } });
    run({ kind: "stroke.begin", with: "eraser", at: { x: 4, y: 2 } });
    run({ kind: "stroke.end" });
    expect(picture().includes("a")).toBe(false);
    expect(picture().includes("b")).toBe(erase === "selected");
  });

  test("a stroke that changes nothing is no edit", async () => {
    const { run, edits } = await openOf(documentOf([TWO]));
    run({ kind: "select", cells: [1] });
    run({ kind: "tool.options", options: { brush_px: 1 } });
    run({ kind: "stroke.begin", with: "brush", at: { x: 1.5, y: 1.5 } });
    run({ kind: "stroke.end" });
    expect(edits).toEqual([]);
  });

  test("delete, merge, new id", async () => {
    const { run, picture, edits } = await openOf(documentOf([TWO]));
    run({ kind: "cell.merge", into: 1, from: [2] });
    expect(picture()).toContain(".aa..aa..");
    run({ kind: "cell.reassign", cell: 1, to: "new" });
    run({ kind: "cell.delete", cells: [101] });
    expect(picture()).not.toMatch(/[a-z]/);
    expect(edits.map((edit) => edit.tool)).toEqual(["merge", "reassign", "delete"]);
  });
});

describe("frames", () => {
  test("U1 undo goes to the frame where the change was made", async () => {
    const { run, open, picture } = await openOf(documentOf([TWO, TWO, TWO]));
    run({ kind: "frame.step", t: 1 });
    await settle();
    run({ kind: "cell.delete", cells: [1] });
    expect(picture()).not.toContain("a");
    run({ kind: "frame.go", t: 0 });
    run({ kind: "undo" });
    expect(open.outlook.t).toBe(1);
    expect(picture()).toBe(tidy(TWO));
  });

  test("deleting everywhere reads the frames that are not here, and is one edit", async () => {
    const { run, edits } = await openOf(documentOf([TWO, TWO, TWO, TWO, TWO, TWO]));
    run({ kind: "cell.delete", cells: [1], scope: "everywhere" });
    await settle();
    expect(edits).toHaveLength(1);
    expect(edits[0].pixels.map((p) => p.t)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(edits[0].cells).toEqual([{ cell: 1, before: FACTS, after: null }]);
  });

  test("deleting in one frame of a movie leaves the cell alive", async () => {
    const { run, edits } = await openOf(documentOf([TWO, TWO, TWO, TWO, TWO, TWO]));
    run({ kind: "cell.delete", cells: [1] });
    expect(edits[0].cells).toEqual([]);
  });

  test("requests for frames left behind are cancelled", async () => {
    const aborted: number[] = [];
    const readFrame: LabelDocument["labels"]["readFrame"] = ({ t }, signal) =>
      new Promise((resolve) => {
        if (t === 0) resolve(frameOf(TWO));
        signal.addEventListener("abort", () => aborted.push(t));
      });
    const { run } = await openOf(documentOf([TWO, TWO, TWO, TWO, TWO, TWO, TWO], { labels: { readFrame } }));
    run({ kind: "frame.go", t: 3 });
    run({ kind: "frame.go", t: 6 });
    expect(aborted).toContain(3);
  });
});

describe("refusals", () => {
  test("labels that can only be looked at", async () => {
    const { run, picture } = await openOf(documentOf([TWO], { readOnly: true }));
    expect(() => run({ kind: "cell.delete", cells: [1] })).toThrow(/only be looked at/);
    expect(picture()).toBe(tidy(TWO));
  });

  test("labels still on their way", async () => {
    const never = { readFrame: () => new Promise<Frame>(() => undefined) };
    const { run } = await openOf(documentOf([TWO], { labels: never }));
    expect(() => run({ kind: "stroke.begin", with: "brush", at: { x: 1, y: 1 } })).toThrow(/still being read/);
  });

  test("no ids while offline; existing cells can still be drawn", async () => {
    const { run, edits } = await openOf(documentOf([TWO], { reserveIds: () => Promise.reject(new Error("offline")) }));
    expect(() => run({ kind: "cell.new" })).toThrow(/No cell numbers/);
    run({ kind: "select", cells: [1] });
    run({ kind: "stroke.begin", with: "brush", at: { x: 1, y: 1 } });
    run({ kind: "stroke.end" });
    expect(edits).toHaveLength(1);
  });

  test("nothing selected, or a cell that does not exist", async () => {
    const { run } = await openOf(documentOf([TWO]));
    expect(() => run({ kind: "cell.delete" })).toThrow(/No cell is selected/);
    expect(() => run({ kind: "cell.merge", into: 77, from: [1] })).toThrow(/does not exist/);
    expect(() => run({ kind: "camera.centre", cell: 77 })).toThrow(/no pixel in this frame/);
    expect(() => run({ kind: "stroke.begin", with: "eraser", at: { x: 0, y: 0 } })).toThrow(/No cell is selected/);
  });
});

describe("others and offline", () => {
  test("an unsent edit from last time is laid over frames that are read later", async () => {
    const { run, open, picture } = await openOf(documentOf([TWO, TWO, TWO, TWO, TWO]));
    const pixels = [{ t: 4, z: 0, cell: 1, add: [0, 0, 3], remove: [] }];
    open.session.applyEdit({ id: "x", tool: "brush", pixels, cells: [] });
    run({ kind: "frame.go", t: 4 });
    await settle();
    expect(picture().split("\n")[0]).toBe("aaa......");
    expect(open.session.history.undoCount).toBe(0);
  });
});

describe("view", () => {
  test("values under the pointer are the file's, cells are listed", async () => {
    const { open } = await openOf(documentOf([TWO]));
    expect(open.hoverAt({ x: 2.9, y: 1.1 })).toEqual({ x: 2, y: 1, values: [100 + 9 + 2], cells: [1] });
    expect(open.hoverAt({ x: -0.1, y: 1 })).toBeNull();
  });

  test("a channel without a window gets one from its first tile", async () => {
    const { open } = await openOf(documentOf([TWO]));
    expect(open.outlook.channels[0]).toMatchObject({ min: 100, max: 135 });
  });

  test("selection steps through ids, adds with Shift, and walks through overlaps", async () => {
    const { open, run } = await openOf(documentOf([TWO]));
    run({ kind: "select.step", by: 1 });
    expect(open.outlook.selected).toEqual([1]);
    run({ kind: "select.step", by: -1 });
    expect(open.outlook.selected).toEqual([2]);
    run({ kind: "select.at", at: { x: 1.5, y: 1.5 }, add: true });
    expect(open.outlook.selected).toEqual([2, 1]);
    run({ kind: "select.at", at: { x: 0, y: 0 }, add: false });
    expect(open.outlook.selected).toEqual([]);
  });

  test("brush sizes step by whole pixels between 1 and 500", async () => {
    const { open, run } = await openOf(documentOf([TWO]));
    const resized = (from: number, factor: number): number => {
      run({ kind: "tool.options", options: { brush_px: from } });
      run({ kind: "brush.resize", factor });
      return open.outlook.toolOptions.brush_px;
    };
    expect([resized(1, 1.2), resized(2, 1 / 1.2), resized(1, 1 / 1.2), resized(20, 1.2), resized(490, 1.2)]).toEqual([2, 1, 1, 24, 500]);
  });

  test("V10 the next frames' tiles are asked for after the present one's", async () => {
    const asked: PixelRequest[] = [];
    const pixels = { readTile: (request: PixelRequest) => (asked.push(request), Promise.resolve(new Uint16Array(36))) };
    await openOf(documentOf([TWO, TWO, TWO], { pixels }));
    expect(asked.map((request) => request.t)).toEqual([0, 1, 2]);
  });
});
