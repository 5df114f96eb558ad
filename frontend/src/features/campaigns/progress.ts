/** How far a campaign is, and when it may end. Pure. */
import type { Campaign } from "./queries";

export interface Hour {
  readonly at: string;
  readonly answers: number;
}

/** Share of the items that need no more answers. */
export const fractionOf = ({ items, done }: Campaign["counts"]): number => (items === 0 ? 0 : done / items);

const HOUR_MS = 3_600_000;
const RECENT_HOURS = 24;

/** Seconds until all items are done at the pace of the last day; null where nobody answers or nothing is known. */
export function secondsLeft(counts: Campaign["counts"], timeline: readonly Hour[], now: number): number | null {
  const { items, done, answers } = counts;
  if (done === 0 || done >= items || answers === 0) return null;
  const recent = timeline.filter(({ at }) => now - Date.parse(at) < RECENT_HOURS * HOUR_MS);
  const given = recent.reduce((sum, hour) => sum + hour.answers, 0);
  if (given === 0) return null;
  const since = Math.min(...recent.map(({ at }) => Date.parse(at)));
  // The first hour counts from its beginning: a campaign of ten minutes is not measured by the whole hour.
  const span_s = Math.max(60, (now - since) / 1000);
  const needed = (items - done) * Math.max(1, answers / Math.max(1, done));
  return needed / (given / span_s);
}

/** Answers up to each hour, hours without any included. */
export function summed(timeline: readonly Hour[]): { at: number; total: number }[] {
  let total = 0;
  return timeline.flatMap(({ at, answers }, i) => {
    const before = i > 0 ? [{ at: Date.parse(at), total }] : [];
    total += answers;
    return [...before, { at: Date.parse(at) + HOUR_MS, total }];
  });
}
