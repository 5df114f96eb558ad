import { describe, expect, it } from "vitest";
import { inOrder, isShown, pick, SAID, UNSAID, unpackReview, type Picking } from "./grid-order";

const all = () => true;
const none: Picking = { chosen: new Set(), anchor: null };

describe("C2 the grid of crops", () => {
  it("stands in order either way, what has no value last", () => {
    const values = [0.5, Number.NaN, 0.9, 0.1, 0.5];
    expect([...inOrder(values, false, all)]).toEqual([3, 0, 4, 2, 1]);
    expect([...inOrder(values, true, all)]).toEqual([2, 0, 4, 3, 1]);
    expect([...inOrder(values, true, (row) => row !== 4)]).toEqual([2, 0, 3, 1]);
  });

  it("orders 100,000 cells within half a second", () => {
    const values = Float32Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_003);
    const begin = performance.now();
    expect(inOrder(values, true, all)).toHaveLength(100_000);
    expect(performance.now() - begin).toBeLessThan(500);
  });

  it("an attribute lets through one value, what was said, or what nobody said", () => {
    const texts = ["weak", "strong"];
    const shown = (wanted: string | undefined) => [0, 1, Number.NaN].map((value) => isShown(value, wanted, texts));
    expect(shown(undefined)).toEqual([true, true, true]);
    expect(shown("=strong")).toEqual([false, true, false]);
    expect(shown(SAID)).toEqual([true, true, false]);
    expect(shown(UNSAID)).toEqual([false, false, true]);
  });

  it("Shift chooses all between, in the order that is shown", () => {
    const order = [9, 3, 7, 1, 5];
    const first = pick(none, order, 1, { shift: false, ctrl: false });
    expect([...first.chosen]).toEqual([3]);
    expect([...pick(first, order, 3, { shift: true, ctrl: false }).chosen]).toEqual([3, 7, 1]);
    const other = pick(first, order, 4, { shift: false, ctrl: true });
    expect([...other.chosen]).toEqual([3, 5]);
    expect([...pick(other, order, 3, { shift: true, ctrl: true }).chosen].sort()).toEqual([1, 3, 5]);
    expect([...pick(other, order, 4, { shift: false, ctrl: true }).chosen]).toEqual([3]);
    expect(pick(other, order, 99, { shift: false, ctrl: false }).chosen).toBe(other.chosen);
  });

  it("reads what the server packs", () => {
    const bytes = new Uint8Array(18);
    new Float32Array(bytes.buffer, 0, 4).set([0.5, Number.NaN, 1, 0.25]);
    bytes.set([1, 2], 16);
    const { quality, disagreement, flags } = unpackReview(bytes.buffer, 2);
    expect([[...quality], [...disagreement], [...flags]]).toEqual([[0.5, Number.NaN], [1, 0.25], [1, 2]]);
  });
});
