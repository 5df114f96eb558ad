/** How the picture around a cell moves from one frame to another. */
import { clamp } from "../core/geometry";
import { dilated } from "../core/morphology";
import { motionOf } from "../core/motion";
import type { Picture } from "../core/motion";
import { boundsOf } from "../core/runs";
import type { Runs } from "../core/runs";
import { drawnIn } from "../core/window";
import type { FramePlace } from "../reading/frame-reader";
import type { Desk } from "./desk";

const ROOM_PX = 4;
const LEAST_REACH_PX = 12;
const MOST_REACH_PX = 48;

export async function motionBetween(desk: Desk, runs: Runs, from: FramePlace, to: FramePlace) {
  const bounds = boundsOf(runs) ?? { y_min: 0, x_min: 0, y_max: 0, x_max: 0 };
  const size = Math.max(bounds.y_max - bounds.y_min, bounds.x_max - bounds.x_min) + 1;
  const reach = clamp(Math.round(size / 2), LEAST_REACH_PX, MOST_REACH_PX);
  const [earlier, later] = await Promise.all([readAround(desk, bounds, ROOM_PX, from), readAround(desk, bounds, ROOM_PX + reach, to)]);
  const { y, x, height, width } = earlier;
  const near = dilated(runs, ROOM_PX, { height: desk.document.size.y, width: desk.document.size.x });
  return motionOf(earlier, drawnIn(near, { y0: y, x0: x, y1: y + height, x1: x + width }).data, later, reach);
}

async function readAround(desk: Desk, bounds: NonNullable<ReturnType<typeof boundsOf>>, room: number, at: FramePlace): Promise<Picture> {
  const around = { y0: bounds.y_min - room, x0: bounds.x_min - room, y1: bounds.y_max + room + 1, x1: bounds.x_max + room + 1 };
  const { rect, channels } = await desk.readCrop(around, [guideOf(desk)], at);
  return { data: channels[0], height: rect.y1 - rect.y0, width: rect.x1 - rect.x0, y: rect.y0, x: rect.x0 };
}

/** The channel that is drawn for, else the first that is shown. */
function guideOf({ outlook: { toolOptions, channels } }: Desk): number {
  return toolOptions.channel ?? Math.max(0, channels.findIndex((channel) => channel.visible));
}
