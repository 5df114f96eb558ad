/* eslint-disable no-restricted-imports -- the player and the label core are tested together here, without a screen */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Edit } from "@/editor";
import { digestOf } from "@/editor/core/digest";
import { LabelSession } from "@/editor/core/label-session";
import { LabelStore } from "@/editor/core/label-store";
import { randomGesture } from "@/editor/core/random-gestures";
import { EMPTY_FRAME, nextId, seeded, worldOf } from "@/editor/core/testing";
import type { Revision } from "../types";
import { Player, type Step } from "./player";
import { rangeFrom } from "./read-steps";
import { captionOf } from "./replay-bar";

vi.mock("../queries", () => ({}));

/** A session of gestures, undo and redo, and the digest after each edit. */
function session(count: number) {
  const world = worldOf(120, 160, 3);
  const random = seeded(17);
  const [steps, digests]: [Step[], string[]] = [[], [digestOf(world.store)]];
  for (let i = 0; steps.length < count; i++) {
    const dice = random();
    const edit: Edit | null = dice < 0.75 ? randomGesture(world, random) : dice < 0.9 ? quietly(() => world.session.undo()) : quietly(() => world.session.redo());
    if (!edit) continue;
    steps.push({ edit, number: steps.length + 1, author: "Ben", at: "2026-01-01T10:00:00Z" });
    digests.push(digestOf(world.store));
  }
  return { steps, digests };
}

/** A locked cell cannot be undone: nothing then. */
function quietly(step: () => Edit | null): Edit | null {
  try {
    return step();
  } catch {
    return null;
  }
}

function screen(frames: readonly number[] = [0, 1, 2]) {
  const store = new LabelStore({ t: 3, z: 1, height: 120, width: 160 });
  for (const t of frames) store.setFrame(t, 0, EMPTY_FRAME);
  const later = new LabelSession(store, nextId);
  return { store, later, lay: (edit: Edit) => later.applyEdit(edit) };
}

vi.setConfig({ testTimeout: 120_000 });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("U9 a replay of a session reaches the same hash, and every state between", async () => {
  const { steps, digests } = session(200);
  const { store, lay } = screen();
  const player = new Player(steps, lay);
  for (const to of [200, 0, 100, 99, 101, 20, 200]) {
    const seek = player.seek(to);
    await vi.runAllTimersAsync();
    await seek;
    expect(digestOf(store)).toBe(digests[to]);
  }
});

test("U9 played to the end at any speed it stands still at the head", async () => {
  const { steps, digests } = session(60);
  for (const speed of [4, 256]) {
    const { store, lay } = screen();
    const shown: string[] = [];
    const player = new Player(steps, lay, (edit) => shown.push(edit.id));
    player.setSpeed(speed);
    void player.play();
    await vi.advanceTimersByTimeAsync(1);
    expect(player.state().playing).toBe(true);
    await vi.advanceTimersByTimeAsync((1000 * 60) / speed + 100);
    expect(player.state()).toMatchObject({ position: 60, playing: false });
    expect(digestOf(store)).toBe(digests.at(-1));
    expect(shown.at(-1)).toBe(steps.at(-1)?.edit.id);
  }
});

test("U9 a frame that is read in the middle of the replay shows what was played", async () => {
  const { steps, digests } = session(120);
  const { store, later, lay } = screen([0]);
  const player = new Player(steps, lay);
  await Promise.all([player.seek(100), vi.runAllTimersAsync()]);
  later.openFrame(1, 0, EMPTY_FRAME);
  later.openFrame(2, 0, EMPTY_FRAME);
  expect(digestOf(store)).toBe(digests[100]);
});

test("U9 pause stops, a new seek overtakes the earlier one, captions say who and what", async () => {
  const { steps } = session(40);
  const { lay } = screen();
  const player = new Player(steps, lay);
  void player.play();
  await vi.advanceTimersByTimeAsync(500);
  player.pause();
  const at = player.state().position;
  expect(at).toBeGreaterThan(3);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(player.state()).toMatchObject({ position: at, playing: false });
  void player.seek(40);
  await player.seek(2);
  await vi.runAllTimersAsync();
  expect(player.state().position).toBe(2);
  expect(captionOf(steps, 2)).toMatch(/^2 of 40 · Ben · \w+/);
  expect([captionOf([], 0), captionOf(steps, 0)]).toEqual(["No edits in this stretch", "0 of 40"]);
});

test("U9 a stretch ends before the next import, prediction or restoration", () => {
  const revisions = [9, 8, 7, 5, 3, 2].map((number) => ({ number, kind: number === 7 ? "RESTORE" : "EDIT" }) as Revision);
  expect(rangeFrom(revisions, 2, 9)).toEqual({ from: 2, to: 5 });
  expect(rangeFrom(revisions, 7, 9)).toEqual({ from: 7, to: 9 });
  expect(rangeFrom(revisions, 9, 9)).toEqual({ from: 9, to: 9 });
});
