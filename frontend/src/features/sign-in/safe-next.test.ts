import { expect, it } from "vitest";
import { safeNext } from "./safe-next";

it.each([
  ["/projects/1?t=2", "/projects/1?t=2"],
  ["//evil.example", undefined],
  ["/\\evil.example", undefined],
  ["https://evil.example", undefined],
  ["javascript:alert(1)", undefined],
  ["/sign-in?next=/sign-in", undefined],
  [undefined, undefined],
])("after signing in, %s leads to %s", (next, goes) => expect(safeNext(next)).toBe(goes));
