import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sha256, sha256Hex } from "./sha256";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const someBytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 31 + length) % 256);

describe("sha256", () => {
  it("answers as the reference for every length around the block border", () => {
    for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 128, 1000]) {
      const bytes = someBytes(length);
      expect(hex(sha256(bytes)), `${length} bytes`).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });

  it("gives the same whether or not the browser has its own", async () => {
    const bytes = someBytes(4097);
    expect(await sha256Hex(bytes)).toBe(hex(sha256(bytes)));
  });
});
