import type { LabelClass } from "@/api/projects";
import { CLASS_COLOURS } from "@/ui/palette";

/** New positions after two neighbours change places; only classes whose position really changes are named. */
export function swapped(rows: readonly LabelClass[], from: number, to: number): { id: string; body: { position: number } }[] {
  const order = [...rows];
  [order[from], order[to]] = [order[to], order[from]];
  return order.flatMap((row, position) => (row.position === position ? [] : [{ id: row.id, body: { position } }]));
}

/** The first colour of the palette that no class has yet; when all are taken, the least used. */
export function freshColour(rows: readonly LabelClass[]): string {
  const uses = (colour: string) => rows.filter((row) => row.color?.toLowerCase() === colour).length;
  return [...CLASS_COLOURS].sort((one, other) => uses(one) - uses(other))[0];
}
