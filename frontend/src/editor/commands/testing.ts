/** Open documents for tests: a picture in letters a frame or plane, grey values by a rule. Used by tests only. */
import type { Command } from "../door";
import type { LabelDocument } from "../host";
import { NO_FACTS } from "../core/edit";
import type { CellFacts, Edit } from "../core/edit";
import type { Frame } from "../core/frame";
import { cellOf, drawn, pictureWorld, tidy } from "../core/testing";
import { OpenDocument } from "../open-document";
import { runCommand } from "./run-command";

export interface Pictures {
  readonly pictures: readonly string[];
  /** The pictures lie along t (a movie) or z (a stack). Default t. */
  readonly along?: "t" | "z";
  readonly facts?: Readonly<Record<number, Partial<CellFacts>>>;
  /** Grey value of a pixel of the n-th picture. */
  readonly grey?: (n: number, y: number, x: number) => number;
  readonly channels?: number;
}

const TILE = 16;

const frameOf = (text: string): Frame => {
  const tiles = [...pictureWorld(text).frame.tiles()].map(([, tile]) => ({ ty: tile.ty, tx: tile.tx, revision: 3, content: tile.content }));
  return { head: 3, tiles };
};

/** Letters are cells: `a` is 1. Reserved ids begin at 101. */
export function documentOf({ pictures, along = "t", facts = {}, grey = () => 0, channels = 1 }: Pictures): LabelDocument {
  const rows = pictures.map((text) => tidy(text).split("\n"));
  const [height, width] = [rows[0].length, rows[0][0].length];
  const seen = new Map<number, number[]>();
  rows.forEach((lines, n) => [...lines.join("")].map(cellOf).filter((cell) => cell > 0).forEach((cell) => seen.set(cell, [...(seen.get(cell) ?? []), along === "t" ? n : 0])));
  let next = 101;
  const [t, z] = along === "t" ? [pictures.length, 1] : [1, pictures.length];
  return {
    id: "test",
    size: { t, c: channels, z, y: height, x: width },
    pixelType: "uint16",
    channels: Array.from({ length: channels }, (_, c) => ({ name: `channel ${c}`, color: null, window: [0, 255] as const })),
    pyramid: [{ scale: 1, height_px: height, width_px: width }],
    pixelTilePx: TILE,
    pixels: {
      readTile: (r) => {
        const [h, w] = [Math.min(TILE, height - r.ty * TILE), Math.min(TILE, width - r.tx * TILE)];
        return Promise.resolve(Uint16Array.from({ length: h * w }, (_, i) => grey(along === "t" ? r.t : r.z, r.ty * TILE + Math.floor(i / w), r.tx * TILE + (i % w))));
      },
    },
    labels: { readFrame: (at) => Promise.resolve(frameOf(pictures[along === "t" ? at.t : at.z])) },
    cells: { readCells: () => Promise.resolve([...seen].map(([cell, ts]) => ({ cell, facts: { ...NO_FACTS, ...facts[cell] }, first_t: Math.min(...ts), last_t: Math.max(...ts) }))) },
    classes: [],
    reserveIds: (count) => Promise.resolve({ first: (next += count) - count, count }),
  };
}

export async function openPictures(pictures: Pictures) {
  const edits: Edit[] = [];
  const refusals: string[] = [];
  const quiet = (): void => undefined;
  const open = new OpenDocument(documentOf(pictures), {}, {
    size: () => ({ width: 64, height: 48, density: 1 }),
    onOutlook: quiet, onTile: quiet, onPixels: quiet, onLabels: quiet, onRegion: () => undefined,
    onLater: quiet,
    onFailed: (error) => refusals.push(String(error)),
    onEdit: (edit) => edits.push(edit),
    onRefused: (error) => refusals.push(String(error)),
  }, null);
  open.open();
  open.fit();
  await settle();
  const run = (command: Command): void => runCommand(open, command);
  /** Frames read and answers waited for on the way. */
  const runAll = async (...commands: readonly Command[]): Promise<void> => {
    for (const command of commands) {
      run(command);
      await settle();
    }
  };
  const picture = (n?: number): string => {
    const here = pictures.along === "z" ? open.store.frame(0, n ?? open.outlook.z) : open.store.frame(n ?? open.outlook.t, 0);
    return here ? drawn(here) : "not read";
  };
  return { open, edits, refusals, run, runAll, picture };
}

/** Several turns: frames are read one after the other. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}
