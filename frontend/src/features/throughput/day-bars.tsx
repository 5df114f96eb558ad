import { Text } from "@mantine/core";
import type { Schema } from "@/api/types";
import { formatDuration } from "@/lib/format";
import classes from "./throughput.module.css";

type Row = Schema["ThroughputOut"];

const HEIGHT = 36;

/** A row of bars for each person, one bar a day. */
export function DayBars({ rows, days }: { rows: readonly Row[]; days: readonly string[] }) {
  const most = Math.max(1, ...rows.flatMap((row) => row.days.map(({ work }) => work.made + work.corrected)));
  return rows.map((row) => <PersonBars key={row.user.id} row={row} days={days} most={most} />);
}

function PersonBars({ row, days, most }: { row: Row; days: readonly string[]; most: number }) {
  const of = new Map(row.days.map(({ day, work }) => [day, work]));
  const label = `${row.user.name ?? ""}: ${row.work.made} cells made, ${row.work.corrected} corrected in ${formatDuration(row.work.seconds)}`;
  return (
    <div className={classes.row}>
      <Text size="sm" className={classes.name} title={row.user.name}>
        {row.user.name}
      </Text>
      <svg className={classes.bars} viewBox={`0 0 ${days.length * 10} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {days.map((day, at) => {
          const work = of.get(day);
          if (!work) return null;
          const [made, corrected] = [(HEIGHT * work.made) / most, (HEIGHT * work.corrected) / most];
          return (
            <g key={day}>
              <title>{`${day}: ${work.made} made, ${work.corrected} corrected, ${formatDuration(work.seconds)}`}</title>
              <rect x={at * 10 + 1} width={8} y={HEIGHT - made} height={made} className={classes.made} />
              <rect x={at * 10 + 1} width={8} y={HEIGHT - made - corrected} height={corrected} className={classes.corrected} />
            </g>
          );
        })}
        <line x1={0} x2={days.length * 10} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={classes.ground} />
      </svg>
    </div>
  );
}
