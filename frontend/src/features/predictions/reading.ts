import { plural } from "@/lib/format";
import type { Estimate } from "./queries";

/** How large the cells are taken for: found by itself, as large as those the model learned from, or a diameter in px. */
export type CellSize = "auto" | "learned" | number;

/** How a model is to read; without channels it chooses them by itself. */
export interface Reading {
  readonly channels: readonly string[];
  readonly cellSize: CellSize;
}

export const BY_ITSELF: Reading = { channels: [], cellSize: "auto" };

type Group = Estimate["channels"][number];

export interface ChannelOption {
  readonly value: string;
  readonly label: string;
}

/** The channels that can be named; none where every image has one. Channels of one image that share a name are told apart by their numbers. */
export function channelOptions(groups: readonly Group[]): ChannelOption[] {
  if (groups.every(({ names }) => names.length < 2)) return [];
  if (groups.every(({ names }) => new Set(names.map(plain)).size === names.length)) {
    const names = new Map(groups.flatMap((group) => group.names.map((name) => [plain(name), name])));
    return [...names.values()].map((name) => ({ value: name, label: name }));
  }
  const most = Math.max(...groups.map(({ names }) => names.length));
  return Array.from({ length: most }, (_, place) => ({ value: String(place + 1), label: `${place + 1}: ${[...new Set(groups.flatMap(({ names }) => names[place] ?? []))].join(" / ")}` }));
}

const plain = (name: string) => name.trim().toLowerCase();

/** What is read of the images, in a sentence for each kind of them; of many kinds the first. */
export function tellChannels(groups: readonly Group[], most = 3): string[] {
  const images = groups.reduce((sum, group) => sum + group.images, 0);
  const said = groups.slice(0, most).map((group) => {
    const which = group.images === images ? "" : `${plural(group.images, "image")}: `;
    const read = group.read;
    if (read === null) return `${which}${group.names.length === 1 ? "the only channel" : `all ${group.names.length} channels`}`;
    const names = read.map((place) => `“${group.names[place]}”`).join(", ");
    return `${which}${names} of ${group.names.map((name) => `“${name}”`).join(", ")}`;
  });
  return groups.length > most ? [...said, "…"] : said;
}

/** Among the settings of the order: only what was chosen. */
export function readingSettings({ channels, cellSize }: Reading): Record<string, unknown> {
  return { ...(channels.length > 0 ? { channels: [...channels] } : {}), ...(cellSize === "auto" ? {} : { cell_px: cellSize }) };
}
