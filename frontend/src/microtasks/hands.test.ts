import { describe, expect, it, vi } from "vitest";
import { fitted, moved, pinched, toImage, toWindow, zoomed } from "./camera";
import { redoneCentres, startCentres, undoneCentres, withPress } from "./centres";
import { loupePlace } from "./scene";
import { swipeMeans } from "./swipe";
import { Touches, type TouchHandlers } from "./touches";

const CROP = { width: 64, height: 48 };
const PHONE = { width: 340, height: 400 };
const at = (x: number, y: number) => ({ x, y });

describe("the crop in the window", () => {
  it("is shown whole, and a place of it is found again", () => {
    const camera = fitted(CROP, PHONE);
    expect(toWindow(camera, at(0, 0)).x).toBeCloseTo(8);
    expect(toWindow(camera, at(64, 48)).x).toBeCloseTo(332);
    const back = toImage(camera, toWindow(camera, at(12.5, 33)));
    expect([back.x, back.y]).toEqual([expect.closeTo(12.5), expect.closeTo(33)]);
  });

  it("keeps what lies under two fingers under them", () => {
    const camera = zoomed(fitted(CROP, PHONE), at(170, 200), 3, CROP, PHONE);
    const [from, to] = [[at(150, 200), at(190, 200)], [at(140, 210), at(220, 210)]] as const;
    const under = toImage(camera, at(170, 200));
    const after = pinched(camera, from, to, CROP, PHONE);
    expect(after.scale).toBeCloseTo(2 * camera.scale);
    expect(toWindow(after, under).x).toBeCloseTo(180);
    expect(toWindow(after, under).y).toBeCloseTo(210);
  });

  it("never loses the crop out of the window, nor shrinks it to nothing", () => {
    const away = moved(fitted(CROP, PHONE), 10_000, -10_000, CROP, PHONE);
    const middle = toImage(away, at(PHONE.width / 2, PHONE.height / 2));
    expect(middle.x >= 0 && middle.x <= 64 && middle.y >= 0 && middle.y <= 48).toBe(true);
    expect(zoomed(away, at(0, 0), 1e-6, CROP, PHONE).scale).toBeGreaterThan(0.8 * fitted(CROP, PHONE).scale);
  });
});

describe("fingers", () => {
  const heard = () => {
    const handlers: TouchHandlers = { start: vi.fn(), extend: vi.fn(), end: vi.fn(), drop: vi.fn(), pinch: vi.fn(), pan: vi.fn() };
    return { handlers, touches: new Touches(handlers) };
  };

  it("one draws", () => {
    const { handlers, touches } = heard();
    touches.down(1, at(1, 1), false);
    touches.move(1, at(2, 2));
    touches.up(1);
    expect([handlers.start, handlers.extend, handlers.end].map((one) => vi.mocked(one).mock.calls.length)).toEqual([1, 1, 1]);
    expect(handlers.drop).not.toHaveBeenCalled();
  });

  it("a second one takes back the stroke, pinches, and nothing is drawn until all have left", () => {
    const { handlers, touches } = heard();
    touches.down(1, at(1, 1), false);
    touches.down(2, at(9, 1), false);
    touches.move(2, at(19, 1));
    touches.up(2);
    touches.move(1, at(5, 5));
    touches.up(1);
    expect(handlers.drop).toHaveBeenCalledOnce();
    expect(handlers.pinch).toHaveBeenCalledExactlyOnceWith([at(1, 1), at(9, 1)], [at(1, 1), at(19, 1)]);
    expect(handlers.end).not.toHaveBeenCalled();
    expect(handlers.extend).not.toHaveBeenCalled();
    touches.down(3, at(0, 0), false);
    touches.up(3);
    expect(handlers.end).toHaveBeenCalledOnce();
  });

  it("drops a stroke that the system took away", () => {
    const { handlers, touches } = heard();
    touches.down(1, at(1, 1), false);
    touches.cancel(1);
    expect([vi.mocked(handlers.drop).mock.calls.length, vi.mocked(handlers.end).mock.calls.length]).toEqual([1, 0]);
  });
});

describe("taps", () => {
  it("put a centre, take it away, move it, and can be taken back", () => {
    const one = withPress(startCentres(), at(10, 10), at(11, 10), 3, false, CROP);
    expect(one.points).toEqual([at(11, 10)]);
    const two = withPress(one, at(40, 20), at(40, 20), 3, false, CROP);
    const moved_ = withPress(two, at(12, 11), at(20, 30), 3, true, CROP);
    expect(moved_.points).toEqual([at(20, 30), at(40, 20)]);
    const gone = withPress(moved_, at(41, 20), at(41, 20), 3, false, CROP);
    expect(gone.points).toEqual([at(20, 30)]);
    expect(undoneCentres(gone).points).toEqual(moved_.points);
    expect(redoneCentres(undoneCentres(gone)).points).toEqual(gone.points);
  });

  it("beside the crop end at its border", () => {
    expect(withPress(startCentres(), at(70, -5), at(70, -5), 3, false, CROP).points).toEqual([at(63.99, 0)]);
  });
});

it.each([[100, 10, "yes"], [-100, 10, "no"], [5, -100, "unsure"], [5, 100, null], [40, 0, null], [90, -95, "unsure"]] as const)("a pull of (%d, %d) means %s", (dx, dy, means) => {
  expect(swipeMeans(dx, dy)).toBe(means);
});

it("the loupe never lies under the finger and never leaves the window", () => {
  for (let x = 0; x <= PHONE.width; x += 10) {
    for (let y = 0; y <= PHONE.height; y += 10) {
      const place = loupePlace(at(x, y), PHONE);
      expect(Math.hypot(place.x - x, place.y - y)).toBeGreaterThan(54);
      expect(place.x >= 54 && place.x <= PHONE.width - 54 && place.y >= 54 && place.y <= PHONE.height - 54).toBe(true);
    }
  }
});
