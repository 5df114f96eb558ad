/** What wants a look, as one list: proposed repairs or alerts. */
import type { Alert, Repair } from "./lineage-queries";

export interface Place {
  readonly key: string;
  readonly title: string;
  readonly message: string;
  readonly t: number;
  readonly z: number;
  readonly y: number;
  readonly x: number;
  readonly cells: readonly number[];
  /** Only of repairs. */
  readonly repair: Repair | null;
  /** Only of alerts. */
  readonly alert?: Alert;
  /** Only of links: the later end, and what it is linked to. */
  readonly link?: { readonly t: number; readonly cell: number; readonly from_t: number; readonly from_cell: number };
  /** Where it is must be looked up by its first cell. */
  readonly placeless?: true;
}

export const ALERT_WORDS: Readonly<Record<Alert["kind"], string>> = {
  MOTHER_AFTER_DIVISION: "Mother after her division",
  DAUGHTER_BEFORE_DIVISION: "Daughter before the division",
  ONE_DAUGHTER: "One daughter",
  MOTHER_DIVIDES_TWICE: "Divides twice",
  DAUGHTER_OF_TWO_DIVISIONS: "Daughter of two divisions",
  TWO_MOTHERS: "Two mothers",
  BROKEN_LINEAGE: "Broken lineage",
  JUMP: "Jump",
  AREA_CHANGE: "Area changes",
  SHORT_TRACK: "Short track",
  OVERLAP: "Overlap",
  GAP: "Gap",
  LOST: "Lost",
  APPEARED: "From nowhere",
};

export const REPAIR_WORDS: Readonly<Record<Repair["kind"], string>> = {
  JOIN: "Join",
  REJOIN: "Join all",
  SWAP: "Exchange",
  DIVIDE: "Division",
  MOTHER: "Other mother",
  CUT: "Cut",
};

/** Those that nobody has set aside, or with `aside` those that somebody has, with who and why. */
export const ofAlerts = (alerts: readonly Alert[], aside = false): Place[] =>
  alerts
    .filter(({ dismissed }) => (dismissed !== null) === aside)
    .map((alert) => {
      const { kind, cell, others, t, z, y, x, message, dismissed } = alert;
      const who = dismissed && `${dismissed.author ?? "Somebody"}: ${dismissed.reason || "set aside"}`;
      return { key: `${kind} ${cell} ${t} ${others.join(" ")}`, title: ALERT_WORDS[kind], message: who ? `${who} · ${message}` : message, t, z, y, x, cells: [cell, ...others], repair: null, alert };
    });

export const ofRepairs = (repairs: readonly Repair[]): Place[] =>
  repairs.map((repair) => {
    const { kind, cells, t, z, y, x, message } = repair;
    return { key: `${kind} ${t} ${cells.join(" ")}`, title: REPAIR_WORDS[kind], message, t, z, y, x, cells, repair };
  });

/** Frames to be marked on each cell's bar. */
export function flagsOf(alerts: readonly Alert[]): Map<number, number[]> {
  const flags = new Map<number, number[]>();
  for (const { cell, t, dismissed } of alerts) if (!dismissed) flags.set(cell, [...(flags.get(cell) ?? []), t]);
  return flags;
}

/** The place a step further; after a list was read anew, the one that stands where the last one stood. */
export function stepIn(places: readonly Place[], current: string | null, lastIndex: number, by: 1 | -1): number {
  if (places.length === 0) return -1;
  const at = places.findIndex(({ key }) => key === current);
  const next = at >= 0 ? at + by : by > 0 ? Math.max(lastIndex, 0) : lastIndex - 1;
  return Math.min(Math.max(next, 0), places.length - 1);
}
