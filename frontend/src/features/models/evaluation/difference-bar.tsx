import classes from "./evaluation.module.css";
import type { Difference } from "./queries";
import { saySigned } from "./words";

const HALF = 50;

/** A difference as a dot and its interval as a line, zero in the middle; a fifth of the scale to each side. */
export function DifferenceBar({ difference, label }: { difference: Difference; label: string }) {
  const { value, low, high } = difference;
  const reach = Math.max(0.2, Math.abs(value), Math.abs(low ?? 0), Math.abs(high ?? 0));
  const at = (one: number) => HALF + (HALF * one) / reach;
  const said = low === null || high === null ? "no interval" : `${saySigned(low)} to ${saySigned(high)}`;
  return (
    <svg className={classes.difference} viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label={`${label}: ${saySigned(value)}, ${said}`} data-tone={high !== null && high < 0 ? "bad" : low !== null && low > 0 ? "good" : "quiet"}>
      <title>{said}</title>
      <line x1={HALF} x2={HALF} y1={0} y2={12} className={classes.zero} />
      {low !== null && high !== null && <line x1={at(low)} x2={at(high)} y1={6} y2={6} className={classes.reach} />}
      <line x1={at(value)} x2={at(value)} y1={2} y2={10} className={classes.reach} />
    </svg>
  );
}
