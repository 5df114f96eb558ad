import { describe, expect, test } from "vitest";
import { Damage } from "./damage";
import { Scroll, uncovered } from "./scroll";

const at = (x: number, y: number, zoom = 2) => ({ x, y, zoom });

describe("a picture that moves", () => {
  test("V4 a pan by whole device pixels moves what is drawn and uncovers two strips", () => {
    const scroll = new Scroll();
    const step = scroll.step(at(500, 300), at(495, 304), 1);
    expect(step).toEqual({ x: 10, y: -8 });
    expect(uncovered(step ?? { x: 0, y: 0 }, 400, 200)).toEqual([
      { x0: 0, x1: 10, y0: 0, y1: 200 },
      { x0: 0, x1: 400, y0: 192, y1: 200 },
    ]);
    expect(scroll.take()).toEqual({ x: 10, y: -8 });
    expect(scroll.take()).toEqual({ x: 0, y: 0 });
  });

  test("V4 many small pans end where one long one ends, without adding up errors", () => {
    const scroll = new Scroll();
    let x = 1000 / 3;
    for (let i = 0; i < 999; i++) {
      expect(scroll.step(at(x, 0, 3), at(x - 1 / 3, 0, 3), 1)).not.toBeNull();
      x -= 1 / 3;
    }
    expect(scroll.take().x).toBe(999);
  });

  test("V4 zoom and fractions of a device pixel are drawn anew", () => {
    const scroll = new Scroll();
    expect(scroll.step(at(10, 10), at(10, 10, 2.5), 1)).toBeNull();
    expect(scroll.step(at(10, 10), at(10.1, 10), 1)).toBeNull();
    expect(scroll.step(at(10.1, 10), at(12.1, 10), 1)).toEqual({ x: -4, y: 0 });
  });

  test("V4 damage moves along, and far parts of it do not become one", () => {
    const damage = new Damage();
    damage.add({ x0: 0, y0: 0, x1: 10, y1: 100 });
    damage.shift({ x: 5, y: 0 });
    damage.add({ x0: 0, y0: 90, x1: 100, y1: 100 });
    expect(damage.takeAll(100, 100)).toEqual([
      { x0: 5, y0: 0, x1: 15, y1: 100 },
      { x0: 0, y0: 90, x1: 100, y1: 100 },
    ]);
    expect(damage.isEmpty).toBe(true);
  });
});
