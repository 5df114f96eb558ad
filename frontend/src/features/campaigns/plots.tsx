import { Text } from "@mantine/core";
import { formatCount, formatDateTime, plural } from "@/lib/format";
import type { Hour } from "./progress";
import { summed } from "./progress";
import type { Measure } from "./queries";
import { f1Steps, isShare, isSingle, measureWords, type Step } from "./words";
import { KIND_NAMES } from "@/microtasks/words";
import classes from "./campaigns.module.css";

const [WIDTH, TALL, FOOT] = [320, 90, 16] as const;

/** Ten equal steps from 0 to 1; said in a sentence for those who cannot see it. */
export function Histogram({ title, counts, low = "0", high = "1" }: { title: string; counts: readonly number[]; low?: string; high?: string }) {
  const most = Math.max(1, ...counts);
  const all = counts.reduce((sum, one) => sum + one, 0);
  const step = WIDTH / Math.max(1, counts.length);
  const above = counts.slice(Math.ceil(counts.length / 2)).reduce((sum, one) => sum + one, 0);
  return (
    <figure className={classes.plot}>
      <figcaption>{title}</figcaption>
      {all === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing is known yet.
        </Text>
      ) : (
        <svg viewBox={`0 0 ${WIDTH} ${TALL + FOOT}`} role="img" aria-label={`${title}: ${above} of ${all} above one half`}>
          <line className={classes.axis} x1={0} x2={WIDTH} y1={TALL} y2={TALL} />
          {counts.map((count, i) => (
            <rect key={i} className={classes.bar} x={i * step + 1} width={step - 2} y={TALL - (count / most) * (TALL - 12)} height={(count / most) * (TALL - 12)}>
              <title>{`${(i / counts.length).toFixed(1)} to ${((i + 1) / counts.length).toFixed(1)}: ${count}`}</title>
            </rect>
          ))}
          {counts.map((count, i) => (
            <text key={i} x={(i + 0.5) * step} y={TALL - (count / most) * (TALL - 12) - 3} textAnchor="middle">
              {count > 0 ? formatCount(count) : ""}
            </text>
          ))}
          <text x={0} y={TALL + FOOT - 2}>
            {low}
          </text>
          <text x={WIDTH} y={TALL + FOOT - 2} textAnchor="end">
            {high}
          </text>
        </svg>
      )}
    </figure>
  );
}

/** All answers so far, over time. */
export function Timeline({ hours }: { hours: readonly Hour[] }) {
  const points = summed(hours);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) {
    return (
      <figure className={classes.plot}>
        <figcaption>Answers over time</figcaption>
        <Text size="sm" c="dimmed">
          No answer yet.
        </Text>
      </figure>
    );
  }
  const from = Date.parse(hours[0].at);
  if (hours.length === 1) {
    return (
      <figure className={classes.plot}>
        <figcaption>Answers over time</figcaption>
        <Text size="sm" c="dimmed">
          {plural(last.total, "answer")}, all within the hour from {formatDateTime(hours[0].at)}.
        </Text>
      </figure>
    );
  }
  const x = (at: number): number => (WIDTH * (at - from)) / Math.max(1, last.at - from);
  const y = (total: number): number => TALL - (TALL - 8) * (total / Math.max(1, last.total));
  const path = `M0 ${TALL}${points.map((one) => `L${x(one.at).toFixed(1)} ${y(one.total).toFixed(1)}`).join("")}`;
  return (
    <figure className={classes.plot}>
      <figcaption>Answers over time</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${TALL + FOOT}`} role="img" aria-label={`${formatCount(last.total)} answers since ${formatDateTime(hours[0].at)}`}>
        <path className={classes.area} d={`${path}L${WIDTH} ${TALL}Z`} />
        <path className={classes.line} d={path} />
        <line className={classes.axis} x1={0} x2={WIDTH} y1={TALL} y2={TALL} />
        <text x={0} y={TALL + FOOT - 2}>
          {formatDateTime(hours[0].at)}
        </text>
        <text x={WIDTH} y={TALL + FOOT - 2} textAnchor="end">
          {formatCount(last.total)}
        </text>
      </svg>
    </figure>
  );
}

/** How far people agree: single numbers with their 95 % intervals, and outlines at every strictness. */
export function Agreement({ measures, severalKinds }: { measures: readonly Measure[]; severalKinds: boolean }) {
  const known = measures.filter((one) => one.value !== null);
  const curves = [...new Set(known.map((one) => one.kind))].map((kind) => ({ kind, steps: f1Steps(known.filter((one) => one.kind === kind)) })).filter(({ steps }) => steps.length > 1);
  return (
    <>
      <figure className={`${classes.plot} ${classes.wide}`}>
        <figcaption>Agreement between workers, with 95 % intervals</figcaption>
        {known.length === 0 ? (
          <Text size="sm" c="dimmed">
            Needs items with two answers or more.
          </Text>
        ) : (
          <div className={classes.measures}>
            {known.filter(isSingle).map((one) => (
              <MeasureRow key={`${one.kind} ${one.measure}`} measure={one} named={severalKinds} />
            ))}
          </div>
        )}
      </figure>
      {curves.map(({ kind, steps }) => (
        <F1Curve key={kind} title={`Same outlines${severalKinds ? `, ${KIND_NAMES[kind].toLowerCase()}` : ""}`} steps={steps} />
      ))}
    </>
  );
}

/** F1 falls as more overlap is asked for; the band is its interval. */
function F1Curve({ title, steps }: { title: string; steps: readonly Step[] }) {
  const [low, high] = [steps[0].iou, steps[steps.length - 1].iou];
  const x = (iou: number): number => 20 + ((WIDTH - 26) * (iou - low)) / (high - low);
  const y = (value: number): number => TALL - (TALL - 8) * value;
  const line = (of: (one: Step) => number): string => steps.map((one) => `${x(one.iou).toFixed(1)} ${y(of(one)).toFixed(1)}`).join("L");
  const band = `M${line((one) => one.high)}L${[...steps].reverse().map((one) => `${x(one.iou).toFixed(1)} ${y(one.low).toFixed(1)}`).join("L")}Z`;
  return (
    <figure className={classes.plot}>
      <figcaption>{title}: object F1 by overlap asked for</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${TALL + FOOT}`} role="img" aria-label={`${title}: F1 ${steps[0].value.toFixed(2)} at IoU ${low}, ${steps[steps.length - 1].value.toFixed(2)} at ${high}`}>
        {[0, 0.5, 1].map((value) => (
          <g key={value}>
            <line className={classes.axis} x1={20} x2={WIDTH} y1={y(value)} y2={y(value)} />
            <text x={16} y={y(value) + 4} textAnchor="end">
              {value}
            </text>
          </g>
        ))}
        <path className={classes.area} d={band} />
        <path className={classes.line} d={`M${line((one) => one.value)}`} />
        {steps.map(({ iou }) => (
          <text key={iou} x={x(iou)} y={TALL + FOOT - 2} textAnchor="middle">
            {iou}
          </text>
        ))}
      </svg>
    </figure>
  );
}

function MeasureRow({ measure, named }: { measure: Measure; named: boolean }) {
  const { value, low, high, items } = measure;
  const name = `${measureWords(measure)}${named ? `, ${KIND_NAMES[measure.kind].toLowerCase()}` : ""}`;
  const shown = value ?? 0;
  const said = low === null || high === null ? "no interval" : `${low.toFixed(2)} to ${high.toFixed(2)}`;
  if (!isShare(measure)) {
    return (
      <>
        <span>{name}</span>
        <span className={classes.plainTrack}>smaller is better</span>
        <Figure value={shown} low={low} high={high} />
      </>
    );
  }
  return (
    <>
      <span>{name}</span>
      <span className={classes.track} role="img" aria-label={`${name}: ${shown.toFixed(2)}, ${said}, over ${items} items`} title={`over ${items} items`}>
        {low !== null && high !== null && <span className={classes.interval} style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }} />}
        <span className={classes.point} style={{ left: at(shown) }} />
      </span>
      <Figure value={shown} low={low} high={high} />
    </>
  );
}

function Figure({ value, low, high }: { value: number; low: number | null; high: number | null }) {
  return (
    <span className="num">
      {value.toFixed(2)} <small>{low !== null && high !== null && `${low.toFixed(2)} to ${high.toFixed(2)}`}</small>
    </span>
  );
}

const at = (value: number): string => `${100 * Math.min(1, Math.max(0, value))}%`;
