import type { ChannelView } from "@/editor";

export interface ChannelPreset {
  readonly name: string;
  /** One colour a visible channel, in their order. */
  readonly colours: readonly string[];
}

/** Pairs and sets that add up to white or grey where structures coincide and stay apart for any colour vision. */
const SETS: Readonly<Record<number, readonly ChannelPreset[]>> = {
  1: [
    { name: "Grey", colours: ["#ffffff"] },
    { name: "Green", colours: ["#4be58a"] },
    { name: "Orange", colours: ["#ffb000"] },
  ],
  2: [
    { name: "Magenta and green", colours: ["#ff4dd8", "#3cff6e"] },
    { name: "Blue and orange", colours: ["#4fa3ff", "#ffa94f"] },
    { name: "Cyan and red", colours: ["#3ff0ff", "#ff5040"] },
  ],
  3: [
    { name: "Cyan, magenta, yellow", colours: ["#28e0ff", "#ff5fd2", "#ffe14d"] },
    { name: "Red, green, blue", colours: ["#ff4040", "#40ff40", "#5070ff"] },
    { name: "Blue, green, magenta", colours: ["#5a8cff", "#46f08c", "#ff5fd2"] },
  ],
  4: [{ name: "Blue, green, magenta, grey", colours: ["#5a8cff", "#46f08c", "#ff5fd2", "#c8c8c8"] }],
};

const MANY = ["#4fa3ff", "#4be58a", "#ff5fa8", "#ffc94a", "#58e6e6", "#b58cff", "#ff8a5c", "#f2f2f2"];

/** What can be chosen for so many visible channels. */
export function presetsFor(count: number): readonly ChannelPreset[] {
  const all = { name: "Each its own", colours: Array.from({ length: count }, (_, i) => MANY[i % MANY.length] ?? "#ffffff") };
  const grey = { name: "All grey", colours: Array.from({ length: count }, () => "#ffffff") };
  return count === 0 ? [] : [...(SETS[count] ?? []), ...(count > 1 ? [all, grey] : [])];
}

/** New colours of the channels: [channel, colour] of each visible one. */
export function coloured(channels: readonly Pick<ChannelView, "visible">[], preset: ChannelPreset): [number, string][] {
  const shown = channels.flatMap((view, channel) => (view.visible ? [channel] : []));
  return shown.map((channel, i) => [channel, preset.colours[i % preset.colours.length] ?? "#ffffff"]);
}

/** Channels whose name holds every word of the search, in their order. */
export function found(channels: readonly Pick<ChannelView, "name">[], search: string): number[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return channels.flatMap(({ name }, channel) => (words.every((word) => `${channel + 1} ${name}`.toLowerCase().includes(word)) ? [channel] : []));
}
