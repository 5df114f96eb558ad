import { describe, expect, it, vi } from "vitest";
import { openTaste, PLAIN_TASTE } from "./taste";

function drawer(content: string | null = null) {
  let kept = content;
  return { getItem: () => kept, setItem: (_key: string, value: string) => void (kept = value) };
}

describe("taste", () => {
  it("is remembered for the next visit", () => {
    const storage = drawer();
    openTaste(storage).set({ tools: { brush_px: 40 } });
    expect(openTaste(storage).get()).toEqual({ ...PLAIN_TASTE, tools: { brush_px: 40 } });
  });

  it("tells its listeners, until they leave", () => {
    const taste = openTaste(drawer());
    const listener = vi.fn();
    const leave = taste.subscribe(listener);
    taste.set({ sideOpen: false });
    leave();
    taste.set({ sideOpen: true });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it.each(["not json", "null", '{"framesPerSecond":"fast","strange":1}'])("does not trust what it finds: %s", (content) => {
    expect(openTaste(drawer(content)).get()).toEqual(PLAIN_TASTE);
  });

  it("lasts for the visit where storage is forbidden", () => {
    const forbidden = { getItem: () => null, setItem: () => { throw new DOMException("no"); } };
    const taste = openTaste(forbidden);
    taste.set({ framesPerSecond: 3 });
    expect(taste.get().framesPerSecond).toBe(3);
  });
});
