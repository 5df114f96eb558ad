/** A short name of the whole state of labels, to compare two of them. */
import type { LabelStore } from "./label-store";
import { packTile } from "./tile-content";

/** FNV-1a over facts and non-empty tiles in a fixed order; equal for equal labels, whatever way led there. */
export function digestOf(store: LabelStore): string {
  const hash = { low: 0x811c9dc5, high: 0x1234567 };
  mixText(hash, JSON.stringify(store.facts.entries()));
  const frames = [...store.frames()].sort((a, b) => a.t - b.t || a.z - b.z);
  for (const frame of frames) {
    for (const [key, tile] of [...frame.tiles()].sort((a, b) => a[0] - b[0])) {
      if (tile.content.ids.length === 0) continue;
      mixText(hash, `${frame.t} ${frame.z} ${key}`);
      packTile(tile.content).forEach((byte) => mix(hash, byte));
    }
  }
  return [hash.high, hash.low].map((half) => half.toString(16).padStart(8, "0")).join("");
}

interface Hash {
  low: number;
  high: number;
}

function mix(hash: Hash, byte: number): void {
  hash.low = Math.imul(hash.low ^ byte, 0x01000193) >>> 0;
  hash.high = Math.imul(hash.high ^ (byte + (hash.low >>> 24)), 0x01000193) >>> 0;
}

function mixText(hash: Hash, text: string): void {
  for (let i = 0; i < text.length; i++) mix(hash, text.charCodeAt(i) & 255);
}
