/** Which panes stand beside the picture, as it is written in the address bar. */

export interface LinkedPane {
  /** Channels shown in it; null: those of the picture. */
  readonly channels: readonly number[] | null;
  /** Frames and planes ahead of the picture. */
  readonly dt: number;
  readonly dz: number;
  /** `same`: the picture's own labels. `none`: raw. Else the id of another branch (a prediction, a reference), or `id@7`: as of revision 7. */
  readonly labels: string;
}

export interface Panes {
  readonly ortho: boolean;
  readonly volume: boolean;
  readonly linked: readonly LinkedPane[];
}

export const NO_PANES: Panes = { ortho: false, volume: false, linked: [] };

/** The same picture without its labels: the comparison that is wanted most. */
export const RAW_PANE: LinkedPane = { channels: null, dt: 0, dz: 0, labels: "none" };

/** Each pane is an editor of its own, and browsers keep few graphics contexts alive. */
export const MOST_LINKED = 3;

export function writePanes({ ortho, volume, linked }: Panes): string | undefined {
  const words = [...(ortho ? ["ortho"] : []), ...(volume ? ["volume"] : []), ...linked.map(writeLinked)];
  return words.length > 0 ? words.join(",") : undefined;
}

function writeLinked({ channels, dt, dz, labels }: LinkedPane): string {
  return ["link", channels && `c${channels.join(".")}`, dt !== 0 && `t${dt}`, dz !== 0 && `z${dz}`, `b${labels}`].filter(Boolean).join("~");
}

/** Words that it does not understand are left out. */
export function parsePanes(text: string | undefined): Panes {
  const words = text?.split(",") ?? [];
  const linked = words.filter((word) => word.split("~")[0] === "link").map(parseLinked);
  return { ortho: words.includes("ortho"), volume: words.includes("volume"), linked: linked.slice(0, MOST_LINKED) };
}

function parseLinked(word: string): LinkedPane {
  const part = (letter: string): string | undefined => word.split("~").slice(1).find((one) => one.startsWith(letter))?.slice(1);
  const channels = part("c")?.split(".").filter(Boolean).map(Number);
  return {
    channels: channels?.every(Number.isInteger) ? channels : null,
    dt: whole(part("t")),
    dz: whole(part("z")),
    labels: /^[\w-]+(@\d+)?$/.test(part("b") ?? "") ? (part("b") ?? "none") : "none",
  };
}

const whole = (text: string | undefined): number => (text !== undefined && /^-?\d{1,5}$/.test(text) ? Number(text) : 0);
