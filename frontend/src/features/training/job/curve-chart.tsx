import { useMantineColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Chart } from "./curves";
import classes from "./job.module.css";

const COLOURS = ["--cyto-accent", "--cyto-busy", "--cyto-wait", "--cyto-bad", "--cyto-quiet"];
const HEIGHT_PX = 210;

/** One chart that follows the run; dragging across it zooms, a double click shows all again. */
export function CurveChart({ chart }: { chart: Chart }) {
  const { ref: frame, width } = useElementSize<HTMLElement>();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(chart);
  const { colorScheme } = useMantineColorScheme();
  const names = chart.curves.map((curve) => curve.name).join("|");
  useEffect(() => {
    newest.current = chart;
    plot.current?.setData(dataOf(chart));
  }, [chart]);
  useEffect(() => {
    if (!box.current || width === 0) return;
    const made = new uPlot(optionsOf(newest.current, width, box.current), dataOf(newest.current), box.current);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [width, names, colorScheme]);
  return (
    <figure ref={frame} className={classes.chart} aria-label={describe(chart)}>
      <figcaption>{chart.title}</figcaption>
      <div ref={box} />
    </figure>
  );
}

function dataOf(chart: Chart): uPlot.AlignedData {
  return [[...chart.steps], ...chart.curves.map((curve) => [...curve.values])];
}

function optionsOf(chart: Chart, width: number, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--mantine-color-dimmed"),
    grid: { stroke: colour("--cyto-line"), width: 1 },
    ticks: { stroke: colour("--cyto-line"), size: 4 },
    font: `11px ${style.fontFamily}`,
  };
  return {
    width,
    height: HEIGHT_PX,
    scales: { x: { time: false }, y: chart.unit === "score" ? { range: [0, 1] } : {} },
    axes: [axis, { ...axis, size: 44 }],
    cursor: { points: { size: 6 }, y: false },
    series: [
      { label: "Step" },
      ...chart.curves.map((curve, at) => ({
        label: curve.name,
        stroke: colour(COLOURS[at % COLOURS.length] ?? "--cyto-accent"),
        width: 1.75,
        spanGaps: true,
        points: { show: chart.steps.length < 40, size: 4 },
        value: (_: uPlot, value: number | null) => (value === null ? "–" : value.toFixed(3)),
      })),
    ],
  };
}

/** What a person who cannot see the chart needs to know. */
function describe({ title, steps, curves }: Chart): string {
  const newest = curves.map(({ name, values }) => {
    const value = values.findLast((one) => one !== null);
    return `${name} ${value === undefined || value === null ? "unknown" : value.toFixed(3)}`;
  });
  return `${title} at step ${steps.at(-1) ?? 0}: ${newest.join(", ")}`;
}
