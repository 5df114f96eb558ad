import classes from "./models.module.css";

/** A score between 0 and 1 as a bar and a number. */
export function ScoreBar({ value, label, note }: { value: number; label: string; note?: string }) {
  return (
    <span className={classes.score} role="img" aria-label={`${label}: ${value.toFixed(3)}`}>
      <span className={classes.track}>
        <span className={classes.fill} style={{ width: `${100 * Math.min(1, Math.max(0, value))}%` }} />
      </span>
      <span className="num">{value.toFixed(3)}</span>
      {note && <small>{note}</small>}
    </span>
  );
}
