import { Text, useMantineColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import classes from "./search.module.css";
import { placeOf, scoreOf, scoresOverTime } from "./trials";
import type { Search } from "./types";

const HEIGHT_PX = 230;
const LINE_WIDTH = 100;
const LINE_HEIGHT = 60;

/** Each trial's score when it ended, and the best so far as stairs. */
export function ScoreOverTime({ search }: { search: Search }) {
  const { ref: frame, width } = useElementSize<HTMLElement>();
  const box = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (!box.current || width === 0) return;
    const { minutes, done, pruned, best } = scoresOverTime(search);
    const plot = new uPlot(optionsOf(search, width, box.current), [minutes, done, pruned, best], box.current);
    return () => plot.destroy();
  }, [search, width, colorScheme]);
  return (
    <figure ref={frame} className={classes.plot} aria-label={`Score of ${search.trials.length} trials over time`}>
      <figcaption>Score over time</figcaption>
      <div ref={box} />
    </figure>
  );
}

function optionsOf(search: Search, width: number, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = { stroke: colour("--mantine-color-dimmed"), grid: { stroke: colour("--cyto-line"), width: 1 }, ticks: { stroke: colour("--cyto-line"), size: 4 }, font: `11px ${style.fontFamily}` };
  const value = (_: uPlot, one: number | null) => (one === null ? "–" : one.toFixed(3));
  const dots = (name: string): Partial<uPlot.Series> => ({ paths: () => null, points: { show: true, size: 8, fill: colour(name), stroke: colour(name) }, stroke: colour(name), value });
  return {
    width,
    height: HEIGHT_PX,
    scales: { x: { time: false }, y: { range: scoreRange } },
    axes: [{ ...axis, label: search.counts_cpu ? "minutes of processor time" : "minutes", labelSize: 18, labelFont: `11px ${style.fontFamily}` }, { ...axis, size: 48 }],
    cursor: { y: false },
    series: [
      { label: "Minutes" },
      { label: "Learned to the end", ...dots("--cyto-accent") },
      { label: "Ended early", ...dots("--cyto-quiet") },
      { label: "Best so far", stroke: colour("--cyto-busy"), width: 1.75, paths: uPlot.paths.stepped?.({ align: 1 }), points: { show: false }, spanGaps: true, value },
    ],
  };
}

/** A little air above and below what was reached, and never beyond what a score can be. */
function scoreRange(_: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  const [least, most] = [low ?? 0, high ?? 1];
  const air = Math.max(0.05, (most - least) * 0.15);
  return [Math.max(Math.min(0, least), least - air), Math.min(Math.max(1, most), most + air)];
}

/** Which settings the scores hang on. */
export function ImportanceBars({ search, titles }: { search: Search; titles: Record<string, string> }) {
  const parts = Object.entries(search.importance).sort(([, a], [, b]) => b - a);
  return (
    <section aria-label="What matters">
      <h3 className={classes.heading}>What matters</h3>
      {parts.length === 0 && (
        <Text size="sm" c="dimmed">
          After six trials: how much of the difference between them goes with each setting.
        </Text>
      )}
      {parts.map(([name, share]) => (
        <div key={name} className={classes.bar}>
          <span>{titles[name] ?? name}</span>
          <span className={classes.track} aria-hidden>
            <span style={{ width: `${Math.round(share * 100)}%` }} />
          </span>
          <span className="num">{Math.round(share * 100)} %</span>
        </div>
      ))}
    </section>
  );
}

/** One line a trial through all settings that vary; the winner stands out. */
export function ParallelPlot({ search, titles }: { search: Search; titles: Record<string, string> }) {
  const names = Object.keys(search.space);
  const scored = search.trials.filter((trial) => scoreOf(trial) !== null);
  if (names.length < 2 || scored.length < 2) return null;
  const scores = scored.map((trial) => scoreOf(trial) ?? 0);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const x = (at: number) => (at / names.length) * LINE_WIDTH;
  const y = (place: number) => (1 - place) * LINE_HEIGHT;
  return (
    <section aria-label="Settings of all trials">
      <h3 className={classes.heading}>Settings of all trials</h3>
      <svg viewBox={`-1 -1 ${LINE_WIDTH + 2} ${LINE_HEIGHT + 2}`} preserveAspectRatio="none" className={classes.parallel} role="img" aria-label={`${scored.length} trials through ${names.map((name) => titles[name] ?? name).join(", ")} to the score`}>
        {[...names, "score"].map((name, at) => (
          <line key={name} x1={x(at)} x2={x(at)} y1={0} y2={LINE_HEIGHT} className={classes.axis} />
        ))}
        {scored.map((trial) => {
          const places = names.map((name) => placeOf(search.space[name] ?? {}, trial.settings[name] ?? search.base[name]));
          const end = high === low ? 0.5 : ((scoreOf(trial) ?? low) - low) / (high - low);
          return <polyline key={trial.number} points={[...places, end].map((place, at) => `${x(at)},${y(place)}`).join(" ")} className={classes.line} data-best={trial.number === search.best || undefined} style={{ opacity: 0.2 + 0.6 * end }} />;
        })}
      </svg>
      <div className={classes.names}>
        {[...names.map((name) => titles[name] ?? name), "Score"].map((name) => (
          <span key={name} title={name}>
            {name}
          </span>
        ))}
      </div>
    </section>
  );
}
