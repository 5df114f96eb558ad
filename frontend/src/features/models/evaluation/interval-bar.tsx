import classes from "./evaluation.module.css";
import type { Interval } from "./queries";
import { sayInterval } from "./words";

/** A score between 0 and 1 as a bar, its interval as a whisker over it, and the number. */
export function IntervalBar({ interval, label }: { interval: Interval; label: string }) {
  const { value, low, high } = interval;
  const said = low === null || high === null ? "no interval" : `95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
  return (
    <span className={classes.score} role="img" aria-label={`${label}: ${value.toFixed(3)}, ${said}`} title={`${sayInterval(interval)}: ${said}`}>
      <span className={classes.track}>
        <span className={classes.fill} style={{ width: percent(value) }} />
        {low !== null && high !== null && <span className={classes.whisker} style={{ left: percent(low), width: percent(Math.max(0.004, high - low)) }} />}
      </span>
      <span className="num">{value.toFixed(3)}</span>
      <small className="num">{low !== null && high !== null && `${low.toFixed(2)}–${high.toFixed(2)}`}</small>
    </span>
  );
}

const percent = (share: number) => `${100 * Math.min(1, Math.max(0, share))}%`;
