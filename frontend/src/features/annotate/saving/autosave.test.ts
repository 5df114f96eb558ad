import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Edit } from "@/editor";
import { createAutosave, SPACING_MS, type AutosaveDoors, type SendResult } from "./autosave";
import { emptyPile, unsentEdits, type Batch, type Pile } from "./pile";

function paint(id: string, cell: number): Edit {
  return { id, tool: "brush", pixels: [{ t: 0, z: 0, cell, add: [0, 0, 4], remove: [] }], cells: [] };
}

/** A server that answers from a list, saved after that, and remembers what reached it. */
function scriptedServer(answers: (SendResult | "unreachable" | "throws")[]) {
  const received: Batch[] = [];
  const remembered: Pile[] = [];
  const lastWords: Pile[] = [];
  const caughtUp: number[] = [];
  const laid: number[] = [];
  const givenUp: string[] = [];
  let number = 10;
  let head = 0;
  let ids = 0;
  const doors: AutosaveDoors = {
    send(batch) {
      received.push(batch);
      const answer = answers.shift() ?? { kind: "saved", number: (number += 1), rebased: false };
      if (typeof answer === "object" && answer.kind === "saved") head = answer.number;
      if (answer === "throws") return Promise.reject(new TypeError("Failed to fetch"));
      return Promise.resolve(answer === "unreachable" ? { kind: "unreachable" } : answer);
    },
    remember(pile) {
      remembered.push(pile);
      return Promise.resolve();
    },
    rememberNow: (pile) => void lastWords.push(pile),
    catchUp(base, unsent) {
      caughtUp.push(base);
      return Promise.resolve({ number: Math.max(base + 2, head), unsent });
    },
    landed: () => undefined,
    lay: (_edits: readonly Edit[], number: number) => void laid.push(number),
    letGo(edits) {
      givenUp.push(...edits.map((edit) => edit.id));
      return Promise.resolve();
    },
    newId: () => `batch-${(ids += 1)}`,
    now: () => Date.now(),
  };
  return { doors, received, remembered, lastWords, caughtUp, laid, givenUp };
}

const fresh = () => emptyPile("pile", "branch", 10);
const names = (batch: Batch | undefined) => batch?.edits.map((edit) => edit.id);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("an idle moment", () => {
  it("U4 sends the first edit at once, and those that follow within 300 ms as one batch", async () => {
    const { doors, received } = scriptedServer([]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(0);
    expect(received.map(names)).toEqual([["a"]]);
    autosave.push(paint("b", 2));
    autosave.push(paint("c", 2));
    await vi.advanceTimersByTimeAsync(SPACING_MS - 1);
    expect(received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(SPACING_MS).toBeLessThanOrEqual(300);
    expect(received.map(names)).toEqual([["a"], ["b", "c"]]);
    expect(autosave.state()).toMatchObject({ kind: "saved" });
  });

  it("keeps one request in flight and sends what was drawn during it afterwards, on the new revision", async () => {
    const { doors, received } = scriptedServer([]);
    let land: (result: SendResult) => void = () => undefined;
    const slow = { ...doors, send: vi.fn(doors.send) };
    slow.send.mockImplementationOnce((batch) => {
      received.push(batch);
      return new Promise((resolve) => (land = resolve));
    });
    const autosave = createAutosave(fresh(), slow);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(SPACING_MS);
    autosave.push(paint("b", 1));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(received.map(names)).toEqual([["a"]]);
    land({ kind: "saved", number: 11, rebased: false });
    await vi.advanceTimersByTimeAsync(0);
    expect(received.map(names)).toEqual([["a"], ["b"]]);
    expect(received[1]?.base).toBe(11);
  });
});

describe("a broken line", () => {
  it("retries with the same batch id and the same edits, waiting longer each time", async () => {
    const { doors, received } = scriptedServer(["throws", "unreachable", "throws"]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(0);
    autosave.push(paint("b", 2));
    expect(autosave.state()).toMatchObject({ kind: "offline", edits: 2 });
    await vi.advanceTimersByTimeAsync(499);
    expect(received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1 + 1_000 + 2_000);
    expect(received.map((batch) => batch.batchId)).toEqual(["batch-1", "batch-1", "batch-1", "batch-1", expect.any(String)]);
    expect(received.slice(0, 4).map(names)).toEqual([["a"], ["a"], ["a"], ["a"]]);
    expect(names(received[4])).toEqual(["b"]);
    expect(autosave.state()).toMatchObject({ kind: "saved" });
  });

  it("remembers every edit at once, so that a reload sends the unfinished flight again", async () => {
    const first = scriptedServer(["throws"]);
    const before = createAutosave(fresh(), first.doors);
    before.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(SPACING_MS);
    before.push(paint("b", 1));
    before.stop();
    const pile = first.remembered.at(-1);
    expect(pile && [names(pile.flights[0]), pile.waiting.map((edit) => edit.id)]).toEqual([["a"], ["b"]]);

    const second = scriptedServer([]);
    const after = createAutosave(structuredClone(pile) as Pile, second.doors);
    expect(after.state()).toEqual({ kind: "saving", edits: 2 });
    await after.flush();
    expect(second.received[0]?.batchId).toBe(first.received[0]?.batchId);
    expect(second.received.map(names)).toEqual([["a"], ["b"]]);
    expect(second.remembered.at(-1)).toMatchObject({ flights: [], waiting: [] });
  });

  it("sends at once when the line is back", async () => {
    const { doors, received } = scriptedServer(["throws", "throws", "throws", "throws"]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(SPACING_MS + 500 + 1_000 + 2_000);
    expect(received).toHaveLength(4);
    autosave.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(received).toHaveLength(5);
    expect(autosave.state()).toMatchObject({ kind: "saved" });
  });
});

describe("others on the same image", () => {
  it("fetches their tiles when the server has rebased our batch", async () => {
    const { doors, caughtUp } = scriptedServer([{ kind: "saved", number: 14, rebased: true }]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(SPACING_MS);
    expect(caughtUp).toEqual([10]);
    expect(autosave.pile().base).toBe(14);
  });

  const news = (number: number, previous: number | null, edits: Edit[] | null) => ({ number, previous, edits });

  it("W3 shows their edits at once when they came along, and edits drawn before keep the older base", async () => {
    const { doors, received, laid, caughtUp } = scriptedServer([]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await autosave.hear(news(11, 10, [paint("x", 7)]));
    expect([laid, caughtUp, autosave.shown()]).toEqual([[11], [], 11]);
    await vi.advanceTimersByTimeAsync(SPACING_MS);
    expect(received[0]?.base).toBe(10);
  });

  it("W3 fetches what did not come along, what came out of turn, and what meets an edit of mine", async () => {
    const { doors, laid, caughtUp } = scriptedServer(["unreachable"]);
    const autosave = createAutosave(fresh(), doors);
    await autosave.hear(news(12, 10, null));
    await autosave.hear(news(14, 13, [paint("x", 7)]));
    autosave.push(paint("a", 7));
    await autosave.hear(news(15, 14, [paint("y", 7)]));
    expect([laid, caughtUp]).toEqual([[], [10, 12, 14]]);
  });

  it("hears of its own work without asking for it", async () => {
    const { doors, laid, caughtUp } = scriptedServer([]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    const sent = autosave.flush();
    await autosave.hear(news(11, 10, [paint("a", 1)]));
    await sent;
    expect([laid, caughtUp, autosave.pile().base]).toEqual([[], [], 11]);
  });

  it("backs off when the answer is stale but names no cell and nothing newer can be seen", async () => {
    const { doors, received } = scriptedServer([{ kind: "stale", head: 12, collisions: [] }]);
    doors.catchUp = () => Promise.reject(new TypeError("Failed to fetch"));
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(0);
    expect(received).toHaveLength(1);
    expect(autosave.state().kind).toBe("offline");
    await vi.advanceTimersByTimeAsync(500);
    expect(autosave.state().kind).toBe("saved");
  });
});

describe("a collision", () => {
  const collision = { cell: 1, t: 0, z: 0, other_cell: null, edit: "a" };
  const stale: SendResult = { kind: "stale", head: 12, collisions: [collision] };

  it("sends again at once what does not collide and holds what does, with what builds on it", async () => {
    const { doors, received, caughtUp } = scriptedServer([stale]);
    const autosave = createAutosave(fresh(), doors);
    [paint("a", 1), paint("b", 2), paint("c", 1)].forEach((edit) => autosave.push(edit));
    await vi.advanceTimersByTimeAsync(SPACING_MS);
    expect(received.map(names)).toEqual([["a", "b", "c"], ["b"]]);
    expect(received[1]?.batchId).not.toBe(received[0]?.batchId);
    expect(caughtUp).toEqual([10]);
    expect(autosave.state()).toEqual({ kind: "conflict", edits: 2, collisions: [collision] });
    autosave.push(paint("d", 1));
    await vi.advanceTimersByTimeAsync(SPACING_MS);
    expect(autosave.state()).toMatchObject({ kind: "conflict", edits: 3 });
    expect(received).toHaveLength(2);
  });

  it("keeps mine: the held edits go up and win", async () => {
    const { doors, received } = scriptedServer([stale]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(SPACING_MS);
    await autosave.keepMine();
    expect(received[1]).toMatchObject({ base: 10, onConflict: "KEEP_MINE" });
    expect(names(received[1])).toEqual(["a"]);
    expect(autosave.state()).toMatchObject({ kind: "saved" });
  });

  it("takes theirs only when asked, and then sends nothing", async () => {
    const { doors, received, givenUp } = scriptedServer([stale]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(autosave.pile().held?.edits).toHaveLength(1);
    await autosave.takeTheirs();
    expect(givenUp).toEqual(["a"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(received).toHaveLength(1);
    expect(autosave.state()).toMatchObject({ kind: "saved" });
  });
});

describe("a refusal", () => {
  it("is shown with its reason and nothing is lost until the person lets go", async () => {
    const { doors, received } = scriptedServer([{ kind: "refused", reason: "You may not label this image." }]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(60_000);
    autosave.push(paint("b", 2));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(received).toHaveLength(1);
    expect(autosave.state()).toEqual({ kind: "refused", edits: 2, reason: "You may not label this image." });
    autosave.dropRefused();
    await vi.advanceTimersByTimeAsync(0);
    expect(received.map(names)).toEqual([["a"], ["b"]]);
  });
});

describe("a page that goes", () => {
  it("U5 remembers at once what is on its way and what waits behind it", () => {
    const { doors, lastWords } = scriptedServer([]);
    const autosave = createAutosave(fresh(), { ...doors, send: () => new Promise(() => undefined) });
    autosave.push(paint("a", 1));
    vi.advanceTimersByTime(0);
    autosave.push(paint("b", 2));
    void autosave.leave();
    expect(lastWords.map((pile) => unsentEdits(pile).map(({ id }) => id))).toEqual([["a", "b"]]);
  });

  it("has no last words when everything is saved", async () => {
    const { doors, lastWords } = scriptedServer([]);
    const autosave = createAutosave(fresh(), doors);
    autosave.push(paint("a", 1));
    await vi.advanceTimersByTimeAsync(0);
    void autosave.leave();
    expect(lastWords).toEqual([]);
  });
});
