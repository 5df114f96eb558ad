import type { KeyboardEvent, PointerEvent } from "react";
import type { ChannelView, Histogram } from "@/editor";
import classes from "./channels.module.css";
import { barHeights, formatGrey } from "./grey-values";

const BARS = 128;
const CURVE_POINTS = 24;

interface HistogramPlotProps {
  histogram: Histogram | null;
  view: ChannelView;
  span: [number, number];
  step: number;
  logarithmic: boolean;
  onChange: (change: { min?: number; max?: number }) => void;
}

/** Grey values of what is on the screen, the contrast window with a handle at each end, and the curve that gamma makes of it. */
export function HistogramPlot({ histogram, view, span: [low, high], step, logarithmic, onChange }: HistogramPlotProps) {
  const toX = (value: number) => ((value - low) / (high - low)) * 100;
  const set = (end: "min" | "max", value: number) => {
    const inside = Math.min(high, Math.max(low, step >= 1 ? Math.round(value) : value));
    onChange(end === "min" ? { min: Math.min(inside, view.max - step) } : { max: Math.max(inside, view.min + step) });
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const value = low + ((event.clientX - box.left) / box.width) * (high - low);
    set(Math.abs(value - view.min) < Math.abs(value - view.max) ? "min" : "max", value);
  };
  return (
    <div
      className={classes.histogram}
      style={{ "--dot": view.color }}
      role="group"
      aria-label={`Histogram of ${view.name}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={drag}
    >
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
        {histogram && <path className={classes.bars} d={barsPath(histogram, toX, logarithmic)} />}
        <rect className={classes.window} x={toX(view.min)} width={Math.max(0, toX(view.max) - toX(view.min))} y={0} height={100} />
        <path className={classes.curve} d={curvePath(view, toX)} />
      </svg>
      {(["min", "max"] as const).map((end) => (
        <Handle key={end} end={end} view={view} span={[low, high]} step={step} x={toX(view[end])} onChange={(value) => set(end, value)} />
      ))}
    </div>
  );
}

function barsPath(histogram: Histogram, toX: (value: number) => number, logarithmic: boolean): string {
  const left = toX(histogram.min);
  const width = (toX(histogram.max) - left) / BARS;
  return barHeights(histogram.counts, BARS, logarithmic).map((height, at) => `M${left + at * width} 100v${-height * 96}h${width}V100z`).join("");
}

function curvePath({ min, max, gamma, invert }: ChannelView, toX: (value: number) => number): string {
  const points = Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
    const share = (i / CURVE_POINTS) ** gamma;
    return `${toX(min + ((max - min) * i) / CURVE_POINTS)} ${2 + 96 * (invert ? share : 1 - share)}`;
  });
  return `M${points.join("L")}`;
}

interface HandleProps {
  end: "min" | "max";
  view: ChannelView;
  span: [number, number];
  step: number;
  x: number;
  onChange: (value: number) => void;
}

function Handle({ end, view, span: [low, high], step, x, onChange }: HandleProps) {
  const move = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(view[end] + by * step);
  };
  return (
    <div
      className={classes.handle}
      style={{ left: `${Math.min(100, Math.max(0, x))}%` }}
      role="slider"
      tabIndex={0}
      aria-label={end === "min" ? `${view.name}: shown as black` : `${view.name}: shown as full colour`}
      aria-valuemin={low}
      aria-valuemax={high}
      aria-valuenow={view[end]}
      aria-valuetext={formatGrey(view[end])}
      onKeyDown={move}
    />
  );
}
