import { describe, expect, it } from "vitest";
import { fit, inside, nearest, paint, seen, under, zoomed, type Points } from "./scene";

const points: Points = { x: Float32Array.of(0, 1, 2, 3), y: Float32Array.of(0, 1, 0, 1) };
const view = fit(points, 100, 100, true);

describe("a plane of points", () => {
  it("is seen where it is pointed at", () => {
    const at = seen(view, 2, 0, 100, 100);
    const back = under(view, at, 100, 100);
    expect([back.x, back.y]).toEqual([expect.closeTo(2), expect.closeTo(0)]);
    expect(nearest(points, view, { x: at.x + 2, y: at.y }, 100, 100, 5)).toBe(2);
    expect(nearest(points, view, { x: at.x + 9, y: at.y + 9 }, 100, 100, 5)).toBe(-1);
  });

  it("keeps what is under the pointer there while it is zoomed", () => {
    const at = { x: 20, y: 70 };
    const before = under(view, at, 100, 100);
    const after = under(zoomed(view, at, 3, 100, 100), at, 100, 100);
    expect([after.x, after.y]).toEqual([expect.closeTo(before.x), expect.closeTo(before.y)]);
  });

  it("is gated by any polygon", () => {
    expect(inside(points, [{ x: -1, y: 0.5 }, { x: 5, y: 0.5 }, { x: 5, y: 2 }, { x: -1, y: 2 }])).toEqual([1, 3]);
    expect(inside(points, [])).toEqual([]);
  });

  it("is painted in order, hidden points left out", () => {
    const pixels = new Uint32Array(100);
    const two: Points = { x: Float32Array.of(0, 0), y: Float32Array.of(0, 0) };
    paint(pixels, 10, 10, two, { x: 0, y: 0, scaleX: 1, scaleY: 1 }, Uint32Array.of(5, 6), Uint32Array.of(1, 0), 2);
    expect(pixels.filter((pixel) => pixel === 5)).toHaveLength(4);
    expect(pixels.some((pixel) => pixel === 6)).toBe(false);
  });
});
