import { decompress } from "fzstd";
import { registry } from "zarrita";
import { ZstdPool } from "./zstd-pool";

/**
 * Teaches zarrita to read zstd without the WebAssembly build it brings, which makes functions out of strings and is
 * therefore stopped by the pages' content security policy.
 */
export function readZstd(): void {
  registry.set("zstd", () => Promise.resolve({ fromConfig: () => ZSTD }));
}

const pool =
  typeof Worker === "undefined" ? null : new ZstdPool(() => new Worker(new URL("./zstd.worker.ts", import.meta.url), { type: "module" }));

const ZSTD = {
  kind: "bytes_to_bytes" as const,
  decode: (bytes: Uint8Array) => (pool ? pool.decompress(bytes) : Promise.resolve(decompress(bytes))),
  encode: (): never => {
    throw new Error("Pixels are only read in the browser.");
  },
};
