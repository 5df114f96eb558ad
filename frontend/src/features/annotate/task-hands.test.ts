import { describe, expect, it } from "vitest";
import { isInMyHands } from "./task-hands";

const ben = { id: "ben", name: "Ben" };

describe("whose hands a task is in", () => {
  it.each([
    ["OPEN", null, false],
    ["ASSIGNED", ben, true],
    ["RETURNED", ben, true],
    ["SUBMITTED", ben, false],
    ["ACCEPTED", ben, false],
    ["CANCELLED", null, false],
  ] as const)("%s", (state, assignee, mine) => {
    expect(isInMyHands({ state, assignee }, "ben")).toBe(mine);
    expect(isInMyHands({ state, assignee }, "cleo")).toBe(false);
  });
});
