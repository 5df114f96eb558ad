import type { PointerEvent } from "react";
import type { ChannelView, Histogram } from "@/editor";
import classes from "./bench.module.css";
import { barHeights } from "./grey-values";

const BARS = 100;

interface HistogramPlotProps {
  histogram: Histogram | null;
  view: ChannelView;
  span: [number, number];
  onChange: (change: { min?: number; max?: number }) => void;
}

/** Grey values of what is on the screen, with the contrast window; dragging moves its nearer edge. The fields below do the same by key. */
export function HistogramPlot({ histogram, view, span: [low, high], onChange }: HistogramPlotProps) {
  const toX = (value: number) => ((value - low) / (high - low)) * 100;
  const drag = (event: PointerEvent<SVGSVGElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const value = low + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (high - low);
    onChange(Math.abs(value - view.min) < Math.abs(value - view.max) ? { min: Math.min(value, view.max - 1e-6) } : { max: Math.max(value, view.min + 1e-6) });
  };
  return (
    <svg
      className={classes.histogram}
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      role="img"
      aria-label={`Histogram of ${view.name}`}
      style={{ "--dot": view.color }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={drag}
    >
      {histogram && <Bars histogram={histogram} toX={toX} />}
      <rect className={classes.window} x={toX(view.min)} width={Math.max(0, toX(view.max) - toX(view.min))} y={0} height={100} />
      <line className={classes.edge} x1={toX(view.min)} x2={toX(view.min)} y1={0} y2={100} />
      <line className={classes.edge} x1={toX(view.max)} x2={toX(view.max)} y1={0} y2={100} />
    </svg>
  );
}

function Bars({ histogram, toX }: { histogram: Histogram; toX: (value: number) => number }) {
  const left = toX(histogram.min);
  const step = (toX(histogram.max) - left) / BARS;
  const bars = barHeights(histogram.counts, BARS).map((height, at) => `M${left + at * step} 100v${-height * 96}h${step}V100z`);
  return <path className={classes.bars} d={bars.join("")} />;
}
