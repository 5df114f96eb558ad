import { expect, test } from "vitest";
import { NO_FACTS } from "./edit";
import type { Edit } from "./edit";
import { digestOf } from "./digest";
import { History } from "./history";
import { LabelSession } from "./label-session";
import { LabelStore } from "./label-store";
import { EMPTY_FRAME, nextId, seeded, worldOf } from "./testing";

const named = (id: string, tool = "brush", undoes?: string): Edit => ({ id, tool, pixels: [], cells: [], ...(undoes && { undoes }) });

/** What a person does, told to a history and written down as the server writes it. */
function lifeOf(random: () => number, steps: number) {
  const [history, log] = [new History(), [] as Edit[]];
  for (let i = 0; i < steps; i++) {
    const last = history.lastDone();
    const undone = history.lastUndone();
    const dice = random();
    if (dice < 0.4) history.push(written(log, named(`e${i}`)));
    else if (dice < 0.75 && last) history.moveToUndone(written(log, named(`u${i}`, "undo", last.id)));
    else if (undone) history.moveToDone(written(log, named(`r${i}`, "redo", undone.id)));
  }
  return { history, log };
}

function written(log: Edit[], edit: Edit): Edit {
  log.push(edit);
  return edit;
}

function readInto(history: History, log: readonly Edit[], page: number): void {
  const walk = history.walk();
  for (let end = log.length; end > 0; end -= page) history.feed(walk.take(log.slice(Math.max(0, end - page), end).toReversed()));
}

/** Empties both stacks, the newest first. */
function emptied(history: History): { done: string[]; undone: string[] } {
  const [done, undone]: string[][] = [[], []];
  for (let last = history.lastUndone(); last; last = history.lastUndone()) {
    undone.push(last.id);
    history.moveToDone(null);
  }
  for (let last = history.lastDone(); last; last = history.lastDone()) {
    done.push(last.id);
    history.moveToUndone(null);
  }
  return { done, undone };
}

test("U2 both stacks are read from the log exactly, in pages of any size", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const { history, log } = lifeOf(random, 120);
    const again = new History();
    readInto(again, log, 1 + Math.floor(random() * 30));
    expect(emptied(again)).toEqual(emptied(history));
  }
});

test("U2 steps let go come back from the log in their order, after more was drawn, undone and redone", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const { history, log } = lifeOf(random, 150);
    history.trim(5);
    for (let i = 0; i < 4; i++) {
      const last = history.lastDone();
      if (last) history.moveToUndone(written(log, named(`late${i}`, "undo", last.id)));
    }
    const wanted = new History();
    readInto(wanted, log, 1000);
    readInto(history, log, 7);
    expect(emptied(history)).toEqual(emptied(wanted));
  }
});

test("U2 what is drawn before the log has come ends redoing, and is undone first", () => {
  const history = new History();
  history.push(named("new"));
  readInto(history, [named("a"), named("b"), named("u", "undo", "b")], 2);
  expect(emptied(history)).toEqual({ done: ["new", "a"], undone: [] });
});

test("U2 what was given up is not undone", () => {
  const history = new History();
  ["a", "b", "c"].forEach((id) => history.push(named(id)));
  history.forget(new Set(["b"]));
  expect(emptied(history).done).toEqual(["c", "a"]);
});

test("U2 a session read from the log takes 50 steps back and forth to the same labels", () => {
  const { store, session } = worldOf(120, 120, 2);
  const random = seeded(3);
  const log: Edit[] = [];
  const states = [digestOf(store)];
  for (let i = 1; i <= 60; i++) {
    const edit = session.run("brush", (tx) => {
      tx.ensure(i);
      tx.on(i % 2, 0).paint(i, "overwrite", Math.floor(random() * 120), Math.floor(random() * 60), 90);
    });
    if (edit) log.push(edit);
    states.push(digestOf(store));
  }
  for (let i = 0; i < 5; i++) log.push(session.undo() as Edit);
  const fresh = new LabelStore(store.size);
  const later = new LabelSession(fresh, nextId);
  for (const frame of store.frames()) {
    const tiles = [...frame.tiles()].map(([, tile]) => ({ ty: tile.ty, tx: tile.tx, revision: 1, content: tile.content }));
    fresh.setFrame(frame.t, frame.z, { ...EMPTY_FRAME, tiles });
  }
  fresh.facts.load(store.facts.entries().map(([cell, facts]) => ({ cell, facts: { ...NO_FACTS, ...facts } })));
  readInto(later.history, log, 20);
  expect([later.history.undoCount, later.history.redoCount]).toEqual([55, 5]);
  for (let i = 54; i >= 5; i--) {
    later.undo();
    expect(digestOf(fresh)).toBe(states[i]);
  }
  for (let i = 0; i < 55; i++) later.redo();
  expect(digestOf(fresh)).toBe(states[60]);
});
