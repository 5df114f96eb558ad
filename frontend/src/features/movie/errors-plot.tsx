import { Button } from "@mantine/core";
import { formatCount, plural } from "@/lib/format";
import classes from "./movie.module.css";
import type { Fault, FaultKind } from "./queries";
import { KINDS } from "./words";

const WIDTH = 1000;
const TALL = 110;

interface Chosen {
  kind: FaultKind | null;
  onKind: (kind: FaultKind | null) => void;
  frame: number | null;
  onFrame: (frame: number | null) => void;
}

/** Errors over time, a bar for each frame, stacked by kind; a click keeps the table to that frame. */
export function ErrorsPlot({ faults, frames, kind, onKind, frame, onFrame }: { faults: readonly Fault[]; frames: number } & Chosen) {
  const counts = countsOf(faults, frames);
  const most = Math.max(1, ...counts.map((row) => KINDS.reduce((sum, one) => sum + (row.get(one.kind) ?? 0), 0)));
  const step = WIDTH / Math.max(1, frames);
  const present = KINDS.map((one) => ({ ...one, count: faults.filter((fault) => fault.kind === one.kind).length })).filter((one) => one.count > 0);
  return (
    <figure className={classes.plot}>
      <figcaption className={classes.legend}>
        {present.map((one) => (
          <Button key={one.kind} size="compact-xs" variant={kind === one.kind ? "light" : "subtle"} color="gray" aria-pressed={kind === one.kind} onClick={() => onKind(kind === one.kind ? null : one.kind)} leftSection={<i style={{ background: one.colour }} />}>
            {one.words} <span className="num">&nbsp;{formatCount(one.count)}</span>
          </Button>
        ))}
        {frame !== null && (
          <Button size="compact-xs" variant="light" onClick={() => onFrame(null)}>
            Frame {frame} only: show all
          </Button>
        )}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${TALL + 18}`} preserveAspectRatio="none" role="img" aria-label={`Errors over ${plural(frames, "frame")}, at most ${most} in one`}>
        {counts.map((row, t) => (
          <Bar key={t} t={t} row={row} most={most} step={step} kind={kind} isChosen={frame === t} onChoose={() => onFrame(frame === t ? null : t)} />
        ))}
        <line x1={0} x2={WIDTH} y1={TALL} y2={TALL} />
      </svg>
      <div className={classes.axis} aria-hidden>
        <span>frame 0</span>
        <span>{frames - 1}</span>
      </div>
    </figure>
  );
}

function Bar({ t, row, most, step, kind, isChosen, onChoose }: { t: number; row: Map<FaultKind, number>; most: number; step: number; kind: FaultKind | null; isChosen: boolean; onChoose: () => void }) {
  const shown = KINDS.filter((one) => row.has(one.kind) && (kind === null || kind === one.kind));
  const tall = (one: FaultKind) => ((row.get(one) ?? 0) / most) * (TALL - 4);
  const parts = shown.map((one, at) => ({ ...one, tall: tall(one.kind), y: TALL - shown.slice(0, at + 1).reduce((sum, { kind: below }) => sum + tall(below), 0) }));
  const told = [...row].map(([one, count]) => `${count} ${KINDS.find((known) => known.kind === one)?.words ?? one}`).join(", ");
  return (
    <g onClick={onChoose} data-chosen={isChosen || undefined} className={classes.frame}>
      <title>{`Frame ${t}: ${told || "nothing wrong"}`}</title>
      <rect x={t * step} y={0} width={step} height={TALL} className={classes.ground} />
      {parts.map((one) => (
        <rect key={one.kind} x={t * step + step * 0.08} y={one.y} width={step * 0.84} height={one.tall} style={{ fill: one.colour }} />
      ))}
    </g>
  );
}

function countsOf(faults: readonly Fault[], frames: number): Map<FaultKind, number>[] {
  const rows = Array.from({ length: frames }, () => new Map<FaultKind, number>());
  for (const { t, kind } of faults) rows[t]?.set(kind, (rows[t].get(kind) ?? 0) + 1);
  return rows;
}
