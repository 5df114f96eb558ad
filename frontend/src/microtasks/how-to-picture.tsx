import { INKS } from "./scene";
import type { Kind } from "./types";
import classes from "./microtasks.module.css";

const CELL = "M60 34c16-8 36-2 42 14s-4 34-20 38-34-4-38-20 2-25 16-32z";
const NEAR = "M146 92c12-4 24 4 24 16s-12 20-24 16-16-28 0-32z";

/** A drawing of what is asked; its words stand beside it. */
export function HowToPicture({ kind }: { kind: Kind }) {
  return (
    <svg viewBox="0 0 200 130" className={classes.scene} role="img" aria-label={`A drawing of the question: ${SAID[kind]}`}>
      {drawings[kind]}
    </svg>
  );
}

const SAID: Record<Kind, string> = {
  OUTLINE: "a finger draws a line around a cell",
  FIX: "an outline that leaves out a part of a cell; the part is painted in",
  CENTRES: "cells with a dot in the middle of each",
  CELL: "one outlined cell, and outlined dirt",
  SAME: "two pictures of one place; the same cell is outlined in both",
  DIVIDED: "one cell before, two smaller cells after",
  CLASS: "an outlined cell and two examples",
};

const Cell = ({ d = CELL, x = 0, y = 0, scale = 1 }: { d?: string; x?: number; y?: number; scale?: number }) => (
  <g transform={`translate(${x} ${y}) scale(${scale})`}>
    <path d={d} fill="#7d8a97" />
    <path d={d} fill="none" stroke="#a9b4bf" strokeWidth={3} strokeOpacity={0.6} />
  </g>
);
const Ring = ({ d = CELL, tone = INKS.asked, dashed = false, x = 0, y = 0, scale = 1 }: { d?: string; tone?: string; dashed?: boolean; x?: number; y?: number; scale?: number }) => (
  <path d={d} transform={`translate(${x} ${y}) scale(${scale})`} fill="none" stroke={tone} strokeWidth={3 / scale} strokeDasharray={dashed ? "6 5" : undefined} />
);
const Finger = ({ x, y }: { x: number; y: number }) => (
  <g transform={`translate(${x} ${y})`}>
    <path d="M0 0c4-4 10 0 10 5v20l14 4c8 3 10 8 8 18l-3 18H6L-8 42c-3-6 4-10 8-5z" fill="#f1e3d6" stroke="#5b4a3c" strokeWidth={2} />
  </g>
);

const drawings: Record<Kind, React.ReactNode> = {
  OUTLINE: (
    <>
      <Cell />
      <Cell d={NEAR} />
      <path d="M60 30c18-9 40-2 46 16s-4 38-22 42-36-4-42-22" fill="none" stroke={INKS.mine} strokeWidth={3.5} strokeLinecap="round" />
      <Finger x={38} y={68} />
    </>
  ),
  FIX: (
    <>
      <Cell />
      <path d="M60 34c8-4 16-4 22-2v54c-18 4-34-4-38-20s2-25 16-32z" fill={INKS.mine} fillOpacity={0.35} stroke={INKS.mine} strokeWidth={3} />
      <path d="M88 42c8 6 10 24 0 34" fill="none" stroke={INKS.mine} strokeOpacity={0.55} strokeWidth={14} strokeLinecap="round" />
      <Finger x={92} y={74} />
    </>
  ),
  CENTRES: (
    <>
      <Cell />
      <Cell d={NEAR} />
      <Cell d={NEAR} x={-130} y={-10} />
      {[[73, 58], [154, 108], [24, 98]].map(([x, y]) => (
        <g key={x}>
          <circle cx={x} cy={y} r={8} fill="none" stroke={INKS.mine} strokeWidth={3} />
          <circle cx={x} cy={y} r={2.5} fill={INKS.mine} />
        </g>
      ))}
      <Finger x={156} y={112} />
    </>
  ),
  CELL: (
    <>
      <Cell x={-20} y={4} />
      <Ring x={-20} y={4} />
      <text x={54} y={118} textAnchor="middle" fill="#3fe0cd" fontSize={16} fontWeight={700}>
        yes
      </text>
      <path d="M136 52l8-12 10 8 14-4-4 14 8 10-14 2-6 12-8-12-12 0z" fill="#4a525b" />
      <circle cx={151} cy={56} r={26} fill="none" stroke={INKS.asked} strokeWidth={3} />
      <text x={151} y={118} textAnchor="middle" fill="#ff8a4f" fontSize={16} fontWeight={700}>
        no
      </text>
    </>
  ),
  SAME: (
    <>
      <path d="M100 6v118" stroke="#3b444e" strokeWidth={2} />
      <Cell x={-22} y={10} scale={0.9} />
      <Ring x={-22} y={10} scale={0.9} />
      <Cell x={84} y={18} scale={0.9} />
      <Ring x={84} y={18} scale={0.9} />
    </>
  ),
  DIVIDED: (
    <>
      <path d="M100 6v118" stroke="#3b444e" strokeWidth={2} />
      <Cell x={-22} y={10} scale={0.9} />
      <Ring x={-22} y={10} scale={0.9} />
      <Cell d={NEAR} x={-24} y={-54} />
      <Cell d={NEAR} x={10} y={-18} />
      <Ring d={NEAR} x={-24} y={-54} />
      <Ring d={NEAR} x={10} y={-18} />
    </>
  ),
  CLASS: (
    <>
      <Cell x={-24} y={4} />
      <Ring x={-24} y={4} />
      <rect x={110} y={20} width={80} height={40} rx={8} fill="#222930" stroke="#e69f00" strokeWidth={2} />
      <circle cx={132} cy={40} r={11} fill="#7d8a97" />
      <rect x={110} y={72} width={80} height={40} rx={8} fill="#222930" stroke="#56b4e9" strokeWidth={2} />
      <ellipse cx={134} cy={92} rx={18} ry={7} fill="#7d8a97" />
      <Finger x={152} y={98} />
    </>
  ),
};
