import type { Command } from "@/editor";
import type { Repair } from "./lineage-queries";

/** The commands that do what is proposed; each is one step to be undone. */
export function commandsFor({ kind, cells, t, last_t }: Repair): Command[] {
  const [a = 0, b = 0, ...more] = cells;
  switch (kind) {
    case "JOIN":
    case "REJOIN":
      return pairs(cells).map(([into, from]) => ({ kind: "track.merge", into, from: [from] }));
    case "SWAP":
      return [{ kind: "track.swap", a, b, t }, ...(last_t === null ? [] : [{ kind: "track.swap", a, b, t: last_t + 1 } as const])];
    case "DIVIDE":
      return [{ kind: "track.divide", mother: a, daughters: [b, ...more], t }];
    case "MOTHER":
      return [{ kind: "cell.facts", cells: [a], facts: { mother: b } }];
    case "CUT":
      return [{ kind: "track.unlink", cell: a, t }];
  }
}

const pairs = (cells: readonly number[]): [number, number][] =>
  cells.flatMap((cell, i) => (i % 2 === 0 ? [[cell, cells[i + 1] ?? cell] as [number, number]] : []));
