import { DEFAULT_KEYMAP, keysOf } from "@/editor";
import { describe, expect, it } from "vitest";
import { REVIEW_KEYS, reviewKeymap } from "./review-keys";

const map = reviewKeymap({ preset: "cytoloop", own: {} });
const actionAt = (key: string) => map.filter((binding) => binding.keys === key).map(({ action }) => action);

describe("W6: a reviewer's keys", () => {
  it("are single letters, each with one meaning", () => {
    for (const [action, keys] of Object.entries(REVIEW_KEYS)) for (const key of keys) expect(actionAt(key)).toEqual([action]);
  });

  it("leave the frames to the arrows", () => {
    expect(actionAt("Right")).toEqual(["frame.next"]);
    expect(actionAt("Left")).toEqual(["frame.previous"]);
    expect(keysOf(DEFAULT_KEYMAP, "frame.previous")).toContain("Left");
  });

  it("stand above a person's own", () => {
    const own = reviewKeymap({ preset: "cytoloop", own: { "tool.brush": ["A"] } });
    expect(own.filter(({ keys }) => keys === "A").map(({ action }) => action)).toEqual(["task.approve"]);
  });
});
