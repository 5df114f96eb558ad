import { describe, expect, it, vi } from "vitest";
import { openTaste, PLAIN_TASTE } from "./taste";

function drawer(content: string | null = null) {
  const kept = new Map(content === null ? [] : [["cytoloop.taste", content]]);
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
}

describe("taste", () => {
  it("is remembered for the next visit", () => {
    const storage = drawer();
    openTaste(storage, "ana").set({ tools: { brush_px: 40 } });
    expect(openTaste(storage, "ana").get()).toEqual({ ...PLAIN_TASTE, tools: { brush_px: 40 } });
  });

  it("is each person's own; who has none begins with what the browser had", () => {
    const storage = drawer(JSON.stringify({ framesPerSecond: 3 }));
    openTaste(storage, "ana").set({ keys: { preset: "napari", own: { undo: ["F9"] } } });
    expect(openTaste(storage, "ana").get().keys).toEqual({ preset: "napari", own: { undo: ["F9"] } });
    expect(openTaste(storage, "ben").get()).toEqual({ ...PLAIN_TASTE, framesPerSecond: 3 });
  });

  it("tells its listeners, until they leave", () => {
    const taste = openTaste(drawer(), "ana");
    const listener = vi.fn();
    const leave = taste.subscribe(listener);
    taste.set({ sideOpen: false });
    leave();
    taste.set({ sideOpen: true });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it.each(["not json", "null", '{"framesPerSecond":"fast","strange":1}', '{"keys":{"preset":7,"own":{"undo":"Z"}}}'])("does not trust what it finds: %s", (content) => {
    expect(openTaste(drawer(content), "ana").get()).toEqual(PLAIN_TASTE);
  });

  it("lasts for the visit where storage is forbidden", () => {
    const forbidden = { getItem: () => null, setItem: () => { throw new DOMException("no"); } };
    const taste = openTaste(forbidden, "ana");
    taste.set({ framesPerSecond: 3 });
    expect(taste.get().framesPerSecond).toBe(3);
  });
});
