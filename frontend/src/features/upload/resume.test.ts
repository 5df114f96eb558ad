import { expect, it } from "vitest";
import type { Upload, UploadFile } from "./queries";
import { checkResume, receivedShare } from "./resume";

const file = (path: string, size: number, received: number, state: UploadFile["state"] = "PENDING"): UploadFile => ({ id: path, path, size, received, state });
const upload = (files: UploadFile[]): Upload => ({ id: "u", dataset: "d", state: "OPEN", chunk_bytes: 10, created_at: "2026-01-01T00:00:00Z", fraction: 0, message: "", labels_accepted: false, files });
const picked = (path: string, size: number) => ({ path, file: new File(["x".repeat(size)], path) });

it("finds what is still waited for, and says what is missing or changed", () => {
  const open = upload([file("a", 3, 2), file("b", 3, 3, "RECEIVED"), file("c", 3, 0), file("d", 3, 0), file("e", 0, 0, "REFUSED")]);
  const check = checkResume(open, [picked("a", 3), picked("b", 3), picked("c", 4), picked("other", 1)]);
  expect(check.found.map((one) => one.path)).toEqual(["a"]);
  expect(check).toMatchObject({ missing: ["d"], changed: ["c"] });
});

it("counts received bytes of files that are taken", () => {
  expect(receivedShare(upload([file("a", 30, 10), file("b", 10, 10, "RECEIVED"), file("c", 99, 0, "REFUSED")]))).toBeCloseTo(0.5);
  expect(receivedShare(upload([]))).toBe(0);
});
