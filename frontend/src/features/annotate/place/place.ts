import type { Camera, ChannelView, OverlayView, Point } from "@/editor";
import { parseOverlay, writeOverlay } from "./overlay-place";

/** Where a person is in an image, as it stands in the address bar: opening the address shows the same picture. */
export interface Place {
  readonly t?: number;
  readonly z?: number;
  readonly camera?: Camera;
  readonly channels?: readonly ChannelPlace[];
  /** Selected cells, the one that is drawn first. */
  readonly cells?: readonly number[];
  readonly overlay?: OverlayView;
  /** Where orthogonal views cross, image px. */
  readonly crosshair?: Point;
  /** Panes beside the picture, as `panes-place` writes them. */
  readonly panes?: string;
  readonly branch?: string;
  readonly revision?: number;
  readonly task?: string;
}

/** How one channel is shown; its name belongs to the image, not to the address. */
export type ChannelPlace = Omit<ChannelView, "name">;

export type PlaceSearch = Partial<Record<"t" | "z" | "at" | "ch" | "cell" | "ov" | "cross" | "panes" | "branch" | "revision" | "task", string>>;

const FLAG_HIDDEN = "h";
const FLAG_INVERTED = "i";

/** An address has an end. */
const MOST_CELLS = 200;

/** Reads an address; anything it does not understand is left out rather than refused. */
export function parsePlace(search: Readonly<Record<string, unknown>>): Place {
  return withoutUndefined({
    t: wholeNumber(search.t),
    z: wholeNumber(search.z),
    camera: parseCamera(search.at),
    channels: parseChannels(search.ch),
    cells: parseCells(search.cell),
    overlay: parseOverlay(word(search.ov)),
    crosshair: parsePoint(search.cross),
    panes: word(search.panes),
    branch: word(search.branch),
    revision: wholeNumber(search.revision),
    task: word(search.task),
  });
}

export function writePlace(place: Place): PlaceSearch {
  return withoutUndefined({
    t: place.t?.toString(),
    z: place.z?.toString(),
    at: place.camera && writeCamera(place.camera),
    ch: place.channels?.map(writeChannel).join(","),
    cell: place.cells?.length ? place.cells.slice(0, MOST_CELLS).join(",") : undefined,
    ov: place.overlay && writeOverlay(place.overlay),
    cross: place.crosshair && `${place.crosshair.y},${place.crosshair.x}`,
    panes: place.panes,
    branch: place.branch,
    revision: place.revision?.toString(),
    task: place.task,
  });
}

/** Ten-thousandths of a pixel: at 64 × still far below what a screen shows. */
function writeCamera({ y, x, zoom }: Camera): string {
  return [...[y, x].map((value) => Number(value.toFixed(4))), Number(zoom.toPrecision(8))].join(",");
}

function parsePoint(value: unknown): Point | undefined {
  const [y = NaN, x = NaN] = (word(value) ?? "").split(",").map(Number);
  return Number.isFinite(y) && Number.isFinite(x) ? { y, x } : undefined;
}

function parseCells(value: unknown): number[] | undefined {
  const cells = word(value)?.split(",").map(wholeNumber) ?? [];
  return cells.length > 0 && cells.every((cell) => cell !== undefined) ? cells : undefined;
}

function writeChannel(channel: ChannelPlace): string {
  const flags = (channel.visible ? "" : FLAG_HIDDEN) + (channel.invert ? FLAG_INVERTED : "");
  const parts = [channel.color.slice(1).toLowerCase(), short(channel.min), short(channel.max), short(channel.gamma), flags];
  return parts.join("_");
}

function parseChannels(value: unknown): ChannelPlace[] | undefined {
  const text = word(value);
  if (text === undefined) return undefined;
  const channels = text.split(",").map(parseChannel);
  return channels.every((channel) => channel !== null) ? channels : undefined;
}

function parseChannel(text: string): ChannelPlace | null {
  const [color = "", min, max, gamma, flags = ""] = text.split("_");
  const numbers = [Number(min), Number(max), Number(gamma)];
  const [low = NaN, high = NaN, power = NaN] = numbers;
  if (!/^[0-9a-f]{6}$/i.test(color) || !numbers.every(Number.isFinite) || low >= high || power <= 0) return null;
  return {
    color: `#${color.toLowerCase()}`,
    min: low,
    max: high,
    gamma: power,
    visible: !flags.includes(FLAG_HIDDEN),
    invert: flags.includes(FLAG_INVERTED),
  };
}

function parseCamera(value: unknown): Camera | undefined {
  const [y = NaN, x = NaN, zoom = NaN] = (word(value) ?? "").split(",").map(Number);
  return Number.isFinite(y) && Number.isFinite(x) && zoom > 0 && Number.isFinite(zoom) ? { y, x, zoom } : undefined;
}

/** Search values arrive as text, or as numbers where the router has read them already. */
function word(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  const text = word(value);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Six significant digits: finer than a screen pixel, short enough for a message to a colleague. */
function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}
