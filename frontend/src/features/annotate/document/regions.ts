import { NO_FACTS, tileKey, type CellFacts, type PlacedCell, type RegionProvider, type RegionRequest, type Stubs } from "@/editor";
import { send } from "@/api/http";
import type { Image } from "../types";

/** Above so many pixels a frame's labels are read by regions, below as a whole. */
const MOST_WHOLE_PX = 64 * 2 ** 20;
const MOST_CELLS = 100_000;
const STUBS_MAGIC = 0x31535943; // "CYS1"
const STUBS_HEAD_BYTES = 20;

export const isReadByRegions = (image: Image): boolean => image.size_y * image.size_x > MOST_WHOLE_PX;

interface CellRow {
  readonly cell: number;
  readonly facts: Partial<CellFacts>;
  readonly first_t: number | null;
  readonly last_t: number | null;
  readonly tiles: readonly (readonly [number, number])[] | null;
}

/** Parts of a branch's labels; of an old revision when one is given, without points then. */
export function regionsOf(branch: string, revision: number | undefined): RegionProvider {
  const at = (name: string): string => `/api/v1/branches/${branch}/${name}`;
  return {
    readCells: async (request, signal) => {
      const { results } = (await (await ask(at("cells/"), { ...flat(request), revision, limit: MOST_CELLS }, signal)).json()) as { results: CellRow[] };
      return results.map(placed);
    },
    lookUp: async (cells, place, signal) => {
      const body = JSON.stringify({ cells, ...place });
      const headers = { "Content-Type": "application/json" };
      const answer = await send(new Request(new URL(at("cells/look-up/"), location.origin), { method: "POST", headers, body, signal }));
      return ((await answer.json()) as { results: CellRow[] }).results.map(placed);
    },
    ...(revision === undefined && {
      readStubs: async (request: RegionRequest, most: number, signal: AbortSignal) =>
        stubsIn(await (await ask(at("stubs/"), { ...flat(request), most }, signal)).arrayBuffer()),
      countCells: async (signal: AbortSignal) => ((await (await ask(at("summary/"), {}, signal)).json()) as { cells: number }).cells,
    }),
  };
}

export const flat = ({ t, z, tiles }: RegionRequest): Record<string, number> => ({ t, z, ...tiles });

const placed = ({ cell, facts, first_t, last_t, tiles }: CellRow): PlacedCell => ({
  cell,
  facts: { ...NO_FACTS, ...facts },
  first_t: first_t ?? undefined,
  last_t: last_t ?? undefined,
  tiles: (tiles ?? []).map(([ty, tx]) => tileKey(ty, tx)),
});

function ask(path: string, query: Record<string, number | undefined>, signal: AbortSignal): Promise<Response> {
  const url = new URL(path, location.origin);
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
  return send(new Request(url, { signal }));
}

/** `CYS1`, head, tiles read, tiles in range, n; then n times cell, y, x, area. */
export function stubsIn(message: ArrayBuffer): Stubs {
  const view = new DataView(message);
  const count = message.byteLength >= STUBS_HEAD_BYTES ? view.getUint32(16, true) : -1;
  if (count < 0 || view.getUint32(0, true) !== STUBS_MAGIC || message.byteLength !== STUBS_HEAD_BYTES + 16 * count) {
    throw new Error("The server's answer is no list of points; reload the page.");
  }
  return { tilesRead: view.getUint32(8, true), tilesInRange: view.getUint32(12, true), rows: new Uint32Array(message.slice(STUBS_HEAD_BYTES)) };
}
