import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OthersHere, SILENT_MS, colourOf, initialsOf, namesOf } from "./others-here";
import { HEARTBEAT_MS, SPACING_MS, Teller, type Whereabouts } from "./whereabouts";

const BEN = { id: "ben", name: "Ben Okafor" };
const moved = (changes: object = {}) => ({ branch: "main", user: BEN, t: 2, z: 0, y: 10.5, x: 20, cells: [12], tool: "brush", ...changes });

describe("W3 who else is here", () => {
  test("W3 somebody comes, moves, and goes with a word", () => {
    const others = new OthersHere("main", "ana");
    expect(others.hear(moved(), 0)).toBe("came");
    expect(others.list()).toEqual([{ key: "ben", name: "Ben Okafor", color: colourOf("ben"), at: { x: 20, y: 10.5 }, t: 2, z: 0, cells: [12] }]);
    expect(others.hear(moved({ y: null, x: null, cells: [] }), 100)).toBe("changed");
    expect(others.list()[0]).toMatchObject({ at: null, cells: [] });
    expect(others.hear(moved({ gone: true }), 200)).toBe("changed");
    expect(others.list()).toEqual([]);
  });

  test("W3 who falls silent is forgotten", () => {
    const others = new OthersHere("main", "ana");
    others.hear(moved(), 0);
    expect(others.sweep(SILENT_MS)).toBe(false);
    expect(others.sweep(SILENT_MS + 1)).toBe(true);
    expect(others.list()).toEqual([]);
  });

  test("W3 oneself, other labels and broken messages are of no concern", () => {
    const others = new OthersHere("main", "ana");
    expect(others.hear(moved({ user: { id: "ana", name: "Ana" } }), 0)).toBeNull();
    expect(others.hear(moved({ branch: "other" }), 0)).toBeNull();
    expect(others.hear(moved({ user: undefined }), 0)).toBeNull();
    expect(others.hear(moved({ gone: true }), 0)).toBeNull();
  });

  test("W3 names and initials", () => {
    expect(["Ben Okafor", "Ana", "Ana Maria Lopez", ""].map(initialsOf)).toEqual(["BO", "A", "AL", ""]);
    const people = ["Ben", "Cleo", "Mia"].map((name) => ({ key: name, name, color: "", at: null, t: 0, z: 0, cells: [] }));
    expect(namesOf(people)).toBe("Ben, Cleo and 1 more");
  });
});

describe("W3 telling where one is", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const at = (x: number): Whereabouts => ({ t: 0, z: 0, y: 1, x, cells: [], tool: "brush" });

  test("W3 alone: at once, then only a sign of life", () => {
    const told: number[] = [];
    const teller = new Teller(({ x }) => told.push(x ?? -1));
    for (let x = 0; x < 100; x++) {
      teller.move(at(x));
      vi.advanceTimersByTime(50);
    }
    expect(told).toEqual([0]);
    vi.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(told).toEqual([0, 99, 99]);
    teller.stop();
    vi.advanceTimersByTime(2 * HEARTBEAT_MS);
    expect(told).toHaveLength(3);
  });

  test("W3 in company: four times a second while something changes, the newest place last", () => {
    const told: number[] = [];
    const teller = new Teller(({ x }) => told.push(x ?? -1));
    teller.setCompany(true);
    for (let x = 0; x < 100; x++) {
      teller.move(at(x));
      vi.advanceTimersByTime(20);
    }
    vi.advanceTimersByTime(SPACING_MS);
    expect(told.length).toBeGreaterThanOrEqual(8);
    expect(told.length).toBeLessThanOrEqual(2 * 4 + 2);
    expect(told.at(-1)).toBe(99);
  });

  test("W3 a newcomer is told at once", () => {
    const told: number[] = [];
    const teller = new Teller(({ x }) => told.push(x ?? -1));
    teller.move(at(1));
    vi.advanceTimersByTime(0);
    teller.introduce();
    vi.advanceTimersByTime(0);
    expect(told).toEqual([1, 1]);
  });
});
