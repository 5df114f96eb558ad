import { useMemo } from "react";
import classes from "./movie.module.css";
import type { Frame } from "./queries";
import { medians, reach, seriesOf, type Series } from "./series";
import { measureWords } from "./words";

const [WIDTH, TALL, LEFT, FOOT] = [460, 170, 44, 20] as const;
const MOST_LINES = 400;

/** One measurement over time: a thin line for each cell, the median thick, the picked cell in a colour of its own. */
export function LinesChart({ frames, size_t, name, picked, onPick }: { frames: readonly Frame[]; size_t: number; name: string; picked: number | null; onPick: (cell: number | null) => void }) {
  const series = useMemo(() => seriesOf(frames, name), [frames, name]);
  const [low, high] = useMemo(() => reach(series), [series]);
  const x = (t: number) => LEFT + ((WIDTH - LEFT - 6) * t) / Math.max(1, size_t - 1);
  const y = (value: number) => 6 + (TALL - 6) * (1 - (value - low) / (high - low));
  const path = (points: Series["points"]) => points.map(([t, value], at) => `${at === 0 || points[at - 1]?.[0] !== t - 1 ? "M" : "L"}${x(t).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const shown = series.slice(0, MOST_LINES);
  const one = series.find(({ cell }) => cell === picked);
  return (
    <figure className={classes.chart}>
      <figcaption>{measureWords(name)}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${TALL + FOOT}`} role="img" aria-label={`${measureWords(name)} of ${series.length} cells over ${size_t} frames, from ${short(low)} to ${short(high)}`}>
        {[low, (low + high) / 2, high].map((value) => (
          <g key={value}>
            <line className={classes.grid} x1={LEFT} x2={WIDTH - 6} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value) + 4} textAnchor="end">
              {short(value)}
            </text>
          </g>
        ))}
        <text x={LEFT} y={TALL + 16}>
          frame 0
        </text>
        <text x={WIDTH - 6} y={TALL + 16} textAnchor="end">
          {size_t - 1}
        </text>
        {shown.map(({ cell, points }) => (
          <path key={cell} className={classes.line} d={dot(path(points))} onClick={() => onPick(cell === picked ? null : cell)}>
            <title>{`Cell ${cell}`}</title>
          </path>
        ))}
        <path className={classes.middle} d={path(medians(series))} />
        {one && <path className={classes.picked} d={dot(path(one.points))} />}
      </svg>
    </figure>
  );
}

/** A single point is drawn as a short dash. */
const dot = (d: string): string => (d.includes("L") ? d : `${d}h1.5`);

/** Few enough signs to stand beside the axis. */
function short(value: number): string {
  const size = Math.abs(value);
  return size >= 10_000 || (size > 0 && size < 0.01) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
