/** How a document is looked at when it is opened. */
import type { ChannelView, EditorOptions, OverlayView, Place, ToolOptions } from "./door";
import type { LabelDocument } from "./host";
import type { Outlook } from "./commands/desk";
import { NO_FACTS } from "./core/edit";
import { clamp } from "./core/geometry";
import type { Hand } from "./core/guard";
import { CRAFT_OPTIONS } from "./craft/options";
import { channelColour } from "./view/palette";

export const TOOL_OPTIONS: ToolOptions = {
  ...CRAFT_OPTIONS,
  brush_px: 20,
  writeMode: "keep",
  erase: "selected",
  mergeFillsHoles: false,
  mergeBridge_px: 0,
  channel: null,
  lockedClasses: [],
  ignoring: false,
  scope: "frame",
  fillContiguous: true,
  fillThrough: "plane",
  fillDiagonal: false,
  shape_px: 1,
  smoothBy: "median",
  smallest_px: 20,
  copyOverwrites: false,
  propagateFrames: 5,
  promptSays: "cell",
};

export const OVERLAY: OverlayView = { visible: true, fillOpacity: 0.28, outlines: true, colourBy: "cell", grid: true, names: "none", palette: "clear" };

/** What tools leave alone, and what a cell drawn new is. */
export const handOf = ({ channel, lockedClasses, ignoring }: ToolOptions): Hand => ({
  lockedClasses: new Set(lockedClasses),
  birth: { ...NO_FACTS, channel, ignored: ignoring },
});

/** More channels than this are not composed at once; of an image that has more, a few are shown first. */
const MOST_VISIBLE = 8;
const FIRST_OF_MANY = 3;

const FULL: Readonly<Record<LabelDocument["pixelType"], number>> = { uint8: 255, uint16: 65535, float32: 1 };

export function channelLooks(document: LabelDocument): ChannelView[] {
  return document.channels.map(({ name, color, window, hidden = false }, c) => ({
    name,
    color: color ?? channelColour(c, document.channels.length),
    visible: !hidden && c < (document.channels.length > MOST_VISIBLE ? FIRST_OF_MANY : MOST_VISIBLE),
    min: window?.[0] ?? 0,
    max: window?.[1] ?? FULL[document.pixelType],
    gamma: 1,
    invert: false,
  }));
}

/** Tools and overlay go from one document to the next with the person, the rest begins anew. */
export function outlookOf(document: LabelDocument, options: EditorOptions, before: Outlook | null): Outlook {
  const place: Partial<Place> = document.place ?? {};
  return {
    t: clamp(place.t ?? 0, 0, document.size.t - 1),
    z: clamp(place.z ?? 0, 0, document.size.z - 1),
    camera: place.camera ?? { x: document.size.x / 2, y: document.size.y / 2, zoom: 1 },
    tool: before?.tool ?? "select",
    toolOptions: toolsFor(document, before?.toolOptions ?? { ...TOOL_OPTIONS, ...options.toolOptions }),
    selected: place.selected ?? [],
    hover: null,
    cursor: null,
    channels: place.channels ?? channelLooks(document),
    overlay: place.overlay ?? before?.overlay ?? { ...OVERLAY, ...options.overlay },
    notice: before?.notice ?? null,
    draft: null,
    crosshair: place.crosshair ? { at: place.crosshair, kind: "planes" } : null,
    others: before?.others ?? [],
  };
}

/** Masks for a channel that this picture has not are masks of the whole cell. */
const toolsFor = ({ channels }: LabelDocument, tools: ToolOptions): ToolOptions =>
  tools.channel !== null && tools.channel >= channels.length ? { ...tools, channel: null } : tools;
