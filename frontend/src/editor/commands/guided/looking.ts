/** What guided tools see: grey values of a box, and where they may not go. */
import type { FrameLabels } from "@/editor/core/frame-labels";
import { TILE_PX, intersectionOf, isEmptyRect, tileKey } from "@/editor/core/geometry";
import type { Rect } from "@/editor/core/geometry";
import { Guard } from "@/editor/core/guard";
import { Refused } from "@/editor/core/refused";
import { greyOf } from "@/editor/craft/grey";
import type { Grey } from "@/editor/craft/grey";
import type { Desk } from "../desk";

/** Channels that the setting "look at" means now. */
export function guideChannels({ outlook }: Desk): readonly number[] {
  const { guide } = outlook.toolOptions;
  const shown = outlook.channels.flatMap((look, c) => (look.visible ? [c] : []));
  if (typeof guide === "number") return [Math.min(guide, outlook.channels.length - 1)];
  if (shown.length === 0) throw new Refused("No channel is shown; show one, or choose what the tool looks at.");
  return guide === "shown" ? shown : shown.slice(0, 1);
}

/** One picture of the box: the channel's own grey values, or the mean of several, each from 0 (black) to 1 (full). */
export async function lookAt(desk: Desk, rect: Rect): Promise<{ readonly grey: Grey; readonly rect: Rect }> {
  const seen = await lookAtEach(desk, rect);
  const [first] = seen.channels;
  return { grey: seen.channels.length === 1 ? first : meanOf(desk, guideChannels(desk), seen.channels), rect: seen.rect };
}

/** Each channel by itself. */
export async function lookAtEach(desk: Desk, rect: Rect): Promise<{ readonly channels: readonly Grey[]; readonly rect: Rect }> {
  const crop = await desk.readCrop(rect, guideChannels(desk));
  const width = crop.rect.x1 - crop.rect.x0;
  return { channels: crop.channels.map((data) => greyOf(data, width)), rect: crop.rect };
}

function meanOf({ outlook }: Desk, numbers: readonly number[], channels: readonly Grey[]): Grey {
  const mean = new Float32Array(channels[0].data.length);
  channels.forEach(({ data }, k) => {
    const { min, max } = outlook.channels[numbers[k]];
    for (let i = 0; i < data.length; i++) mean[i] += (data[i] - min) / ((max - min || 1) * channels.length);
  });
  return { ...channels[0], data: mean };
}

/** Width of the contrast window of what is looked at: what "100 %" of a tolerance is. */
export function contrastOf(desk: Desk): number {
  const channels = guideChannels(desk);
  if (channels.length > 1) return 1;
  const { min, max } = desk.outlook.channels[channels[0]];
  return Math.abs(max - min) || 1;
}

/** 1 where the write mode, locks or the image's end forbid the cell (null: a new one) to go. */
export function barredIn(desk: Desk, frame: FrameLabels, rect: Rect, cell: number | null): Uint8Array {
  const width = rect.x1 - rect.x0;
  const barred = new Uint8Array(width * (rect.y1 - rect.y0));
  const inTheWay = othersOf(desk, cell);
  if (!inTheWay) return barred;
  for (let ty = Math.floor(rect.y0 / TILE_PX); ty * TILE_PX < rect.y1; ty++) {
    for (let tx = Math.floor(rect.x0 / TILE_PX); tx * TILE_PX < rect.x1; tx++) {
      const tile = { x0: tx * TILE_PX, y0: ty * TILE_PX, x1: (tx + 1) * TILE_PX, y1: (ty + 1) * TILE_PX };
      const shared = intersectionOf(tile, rect);
      const planes = frame.tile(tileKey(ty, tx))?.planes();
      if (planes && !isEmptyRect(shared)) for (const plane of planes) barPlane(plane, tile, shared, inTheWay, barred, rect);
    }
  }
  return barred;
}

function barPlane(plane: Uint32Array, tile: Rect, shared: Rect, inTheWay: (cell: number) => boolean, barred: Uint8Array, rect: Rect): void {
  for (let y = shared.y0; y < shared.y1; y++) {
    const from = (y - tile.y0) * TILE_PX - tile.x0;
    const into = (y - rect.y0) * (rect.x1 - rect.x0) - rect.x0;
    for (let x = shared.x0; x < shared.x1; x++) if (plane[from + x] !== 0 && inTheWay(plane[from + x])) barred[into + x] = 1;
  }
}

/** Null: nothing is in the way. */
function othersOf(desk: Desk, cell: number | null): ((other: number) => boolean) | null {
  const { writeMode } = desk.outlook.toolOptions;
  if (writeMode === "overlap") return null;
  const guard = new Guard(desk.store.facts, desk.session.hand);
  const known = cell !== null && desk.store.facts.has(cell);
  const meet = guard.meeting(known ? guard.channelOf(cell) : guard.channel, cell ?? 0);
  const answers = new Map<number, boolean>();
  return (other) => {
    const before = answers.get(other);
    if (before !== undefined) return before;
    const answer = writeMode === "keep" ? meet(other) !== "passes" : meet(other) === "holds";
    answers.set(other, answer);
    return answer;
  };
}

/** Cells here of the channel in hand, the selected one first. */
export function cellsHere(desk: Desk, x: number, y: number): number[] {
  const { channel } = desk.outlook.toolOptions;
  const [selected] = desk.outlook.selected;
  const here = desk.frame()?.cellsAt(Math.floor(x), Math.floor(y)) ?? [];
  const own = here.filter((cell) => (desk.store.facts.get(cell)?.channel ?? null) === channel);
  return own.includes(selected) ? [selected, ...own.filter((cell) => cell !== selected)] : own;
}

/** Throws Refused when the cell, or its class, is locked. */
export function needUnlocked(desk: Desk, ...cells: readonly number[]): void {
  new Guard(desk.store.facts, desk.session.hand).need(...cells);
}

/** So many fresh cell numbers are there: more than are reserved ahead are asked for. */
export async function haveIds(desk: Desk, count: number): Promise<void> {
  const lacking = count - desk.ids.left;
  if (lacking > 0) desk.ids.add(await desk.document.reserveIds(lacking));
}
