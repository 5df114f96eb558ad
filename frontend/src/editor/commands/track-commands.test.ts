/** Commands on tracks: each one edit without pixels, and what is selected after it. */
import { expect, test } from "vitest";
import { commandFor } from "../input/actions/actions";
import { openPictures } from "./testing";

const MOVIE = ["aa..bb\naa..bb", "aa..bb\naa..bb", "cc..bb\ncc..bb", "cc.dbb\ncc.dbb"];
const at = (x: number, y: number) => ({ x: x + 0.5, y: y + 0.5 });

test("T1 link: the cell that lies under it in the frame before, and a click in a later frame", async () => {
  const { open, edits, run, runAll, picture } = await openPictures({ pictures: MOVIE });
  await runAll({ kind: "frame.go", t: 2 }, { kind: "select", cells: [3] }, { kind: "track.link" });
  expect([picture(2), picture(3), open.outlook.selected]).toEqual(["aa..bb\naa..bb", "aa.dbb\naa.dbb", [1]]);
  expect(edits[0].pixels).toEqual([]);
  run({ kind: "undo" });
  await runAll({ kind: "frame.go", t: 0 }, { kind: "track.link-at", at: at(0, 0) }, { kind: "frame.go", t: 2 }, { kind: "track.link-at", at: at(0, 0) });
  expect([picture(3), open.store.facts.has(3)]).toEqual(["aa.dbb\naa.dbb", false]);
});

test("T2 divide: daughters are clicked one after the other, their mother stays selected", async () => {
  const { open, runAll } = await openPictures({ pictures: MOVIE });
  await runAll({ kind: "select", cells: [2] }, { kind: "frame.go", t: 3 }, { kind: "track.daughter-at", at: at(3, 0) });
  expect([open.store.facts.daughtersOf(2), open.store.framesOf(2), open.outlook.selected]).toEqual([[4, 101], [0, 1, 2], [2]]);
  await runAll({ kind: "track.daughter-at", at: at(0, 0) });
  expect(open.store.facts.daughtersOf(2)).toEqual([4, 101, 102]);
});

test("T3 swap from a frame on is one key, and one undo", async () => {
  const { open, run, runAll, picture } = await openPictures({ pictures: MOVIE });
  await runAll({ kind: "frame.go", t: 1 });
  expect(commandFor("track.swap", { selected: [1, 2] } as never)).toEqual({ kind: "track.swap", a: 1, b: 2 });
  run({ kind: "track.swap", a: 1, b: 2 });
  expect([picture(0), picture(1), open.store.framesOf(1)]).toEqual(["aa..bb\naa..bb", "bb..aa\nbb..aa", [0, 1, 2, 3]]);
  run({ kind: "undo" });
  expect(picture(1)).toBe("aa..bb\naa..bb");
});

test("T10 that a link is right is said in the log, taken back and said again, also when it was said on another day", async () => {
  const { open, edits, run } = await openPictures({ pictures: MOVIE });
  run({ kind: "track.confirm", t: 2, cell: 3, from_t: 1, from_cell: 1 });
  run({ kind: "undo" });
  run({ kind: "redo" });
  const [said, back, again] = edits;
  const link = { t: 1, cell: 1, to_t: 2, to_cell: 3 };
  expect(said).toMatchObject({ tool: "link.confirm", pixels: [], cells: [], parameters: link });
  expect(back).toMatchObject({ tool: "undo", undoes: said.id });
  expect(again).toMatchObject({ tool: "redo", undoes: back.id, parameters: link });
  const older = { ...said, id: "00000000-0000-4000-8000-00000000000f" };
  run({ kind: "undo" });
  open.session.history.feed({ done: [older], undone: [] });
  run({ kind: "undo" });
  expect(edits.at(-1)).toMatchObject({ tool: "undo", undoes: older.id });
});

test("T1 a lost cell is inserted; T2 ends are marked", async () => {
  const { open, refusals, runAll, picture } = await openPictures({ pictures: ["aa", "..", "aa"] });
  await runAll({ kind: "frame.go", t: 1 }, { kind: "select", cells: [1] }, { kind: "track.insert" });
  expect([picture(1), refusals]).toEqual(["aa", []]);
  await runAll({ kind: "track.ending", ending: "death" });
  expect(open.store.facts.get(1)?.ending).toBe("death");
});
