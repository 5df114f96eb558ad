// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from "vitest";
import type { Edit } from "@/editor";
import { openLastWords } from "./last-words";
import { emptyPile, join, takeOff, type Pile } from "./pile";

const paint = (id: string): Edit => ({ id, tool: "brush", pixels: [{ t: 0, z: 0, cell: 1, add: [0, 0, 4], remove: [] }], cells: [] });
const pileOf = (id: string, branch = "branch"): Pile => join(takeOff(join(emptyPile(id, branch, 3, "ana"), paint("a")), "batch"), paint("b"));

beforeEach(() => localStorage.clear());

it("U5 gives back what was kept, whole, to the page that comes after", () => {
  openLastWords(localStorage).keep(pileOf("one"));
  openLastWords(localStorage).keep(pileOf("other", "another branch"));
  localStorage.setItem("cytoloop-colours", "dark");
  expect(openLastWords(localStorage).all("branch")).toEqual([pileOf("one")]);
});

it("says which pile it has until that is removed", () => {
  const words = openLastWords(localStorage);
  expect(words.has("one")).toBe(false);
  words.keep(pileOf("one"));
  expect(words.has("one")).toBe(true);
  words.remove("one");
  expect([words.has("one"), words.all("branch")]).toEqual([false, []]);
});

it("is over when the database has the same, and goes on when something newer has come", () => {
  const words = openLastWords(localStorage);
  const [older, newer] = [pileOf("one"), join(pileOf("one"), paint("c"))];
  words.keep(older);
  words.keep(newer);
  words.written(older);
  expect(words.all("branch")).toEqual([newer]);
  words.written(newer);
  expect(words.has("one")).toBe(false);
});

it("leaves nothing older behind when there is no room for what is newer", () => {
  const words = openLastWords(localStorage);
  words.keep(pileOf("one"));
  const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  words.keep(join(pileOf("one"), paint("c")));
  full.mockRestore();
  expect(words.has("one")).toBe(false);
});

it("keeps silent where the browser allows no storage", () => {
  const words = openLastWords(null);
  words.keep(pileOf("one"));
  expect([words.has("one"), words.all("branch")]).toEqual([false, []]);
});
