/** @vitest-environment jsdom */
import { afterEach, expect, test, vi } from "vitest";
import { readFrame } from "./labels";

vi.mock("@/editor", () => ({ decodeFrame: () => Promise.resolve({ head: 3, tiles: [] }) }));

afterEach(() => vi.unstubAllGlobals());

test("bytes that the browser had kept are as new as the answer says", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(new Uint8Array(4), { headers: { "X-Head-Revision": "7" } })));
  expect((await readFrame("branch", undefined, { t: 0, z: 0 })).head).toBe(7);
});
