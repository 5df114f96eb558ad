import { describe, expect, it } from "vitest";
import type { EditorState } from "@/editor";
import { newsOf, saidOf } from "./announcer";

const state = (more: Partial<EditorState> = {}) => ({ tool: "brush", t: 0, z: 0, selected: [], draft: null, cursor: null, hover: null, ...more }) as unknown as EditorState;
const SAVED = { kind: "saved", at: null } as const;
const said = (more: Partial<EditorState> = {}, save: Parameters<typeof saidOf>[2] = SAVED) => saidOf(state(more), false, save);

describe("V11 announcements", () => {
  it("say tool, frame and selection when they change, together when they change together", () => {
    expect(newsOf(said(), said({ selected: [7], t: 3 }))).toBe("Frame 3, plane 0. Cell 7 selected");
    expect(newsOf(said(), said({ tool: "eraser" }))).toBe("Eraser");
    expect(newsOf(said({ selected: [7] }), said({ selected: [7, 8] }))).toBe("2 cells selected");
  });

  it("never speak of a moving pointer", () => {
    expect(newsOf(said(), said({ hover: { x: 4, y: 5, values: [1], cells: [2] } }))).toBe("");
  });

  it("say when edits no longer reach the server, and what a draft waits for", () => {
    expect(newsOf(said(), said({}, { kind: "offline", edits: 2 } as Parameters<typeof saidOf>[2]))).toBe("Offline: your edits wait in this browser");
    const draft = { tool: "watershed", shapes: [], proposals: [], hint: "Click the second place", waiting: false } as const;
    expect(newsOf(said(), said({ draft }))).toBe("Click the second place");
  });
});
