import { describe, expect, it } from "vitest";
import type { Task, TaskState } from "./queries";
import { byUrgency, canAssign, canCancel, canRelease } from "./task-words";

const task = (title: string, state: TaskState, priority = 0): Task => ({
  id: title,
  project: "p",
  kind: "LABEL",
  title,
  blind: false,
  repeat_after_days: null,
  state,
  image: { id: "i", name: "i", dataset: "d", size_t: 1, size_z: 1, size_y: 8, size_x: 8 },
  branch: { id: "b", name: "main", author_name: "" },
  assignee: null,
  created_by: null,
  lease_until: null,
  priority,
  base_number: null,
  submitted_number: null,
  created_at: "2026-01-01T00:00:00Z",
  changed_after_acceptance: false,
  updated_at: "2026-01-01T00:00:00Z",
});

describe("the order of work", () => {
  it("puts what came back first, then what is in hand, then the most uncertain", () => {
    const tasks = [task("done", "ACCEPTED"), task("sure", "OPEN", 1), task("unsure", "OPEN", 9), task("mine", "ASSIGNED"), task("back", "RETURNED")];
    expect(byUrgency(tasks).map((one) => one.title)).toEqual(["back", "mine", "unsure", "sure", "done"]);
  });

  it("reads numbers in titles as numbers", () => {
    expect(byUrgency([task("img 10", "OPEN"), task("img 2", "OPEN")]).map((one) => one.title)).toEqual(["img 2", "img 10"]);
  });
});

describe("what may be asked of a task", () => {
  it.each([
    ["OPEN", true, false, true],
    ["ASSIGNED", true, true, true],
    ["RETURNED", true, true, true],
    ["SUBMITTED", false, false, true],
    ["ACCEPTED", false, false, false],
    ["CANCELLED", false, false, false],
  ] as const)("%s", (state, assign, release, cancel) => {
    const one = task("x", state);
    expect([canAssign(one), canRelease(one), canCancel(one)]).toEqual([assign, release, cancel]);
  });
});
