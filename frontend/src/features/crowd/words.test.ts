import { expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import { platformWorkerIn } from "./platform";
import { endWords, failureWords } from "./words";

it.each([
  [404, null, "This link leads nowhere", false],
  [429, "90", "Many people at once", true],
  [0, null, "No connection", true],
  [500, null, "Something went wrong", true],
] as const)("says a refusal of %d plainly", (status, wait, title, again) => {
  expect(failureWords(new ApiError(status, null, wait))).toMatchObject({ title, again });
});

it("says how long to wait", () => {
  expect(failureWords(new ApiError(429, null, "90")).sentence).toContain("2 min");
});

it("adds the owner's own reason to an end", () => {
  expect(endWords({ reason: "EXCLUDED" }, "Five known pictures were answered wrongly.").sentence).toMatch(/ended your part in it\. Five known/);
});

it.each([["?PROLIFIC_PID=5f&STUDY_ID=1", "5f"], ["?worker=%20a1%20", "a1"], ["?workerId=", null], ["", null]])("finds who a platform sends in %s", (search, worker) => {
  expect(platformWorkerIn(search)).toBe(worker);
});
