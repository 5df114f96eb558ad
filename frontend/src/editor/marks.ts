/** Moments that benchmarks and the browser's own tools look for. Only the last of a name is kept: eight hours of work fill no list. */
export type Moment = "edit" | "draft" | "frame";

export function markMoment(moment: Moment): void {
  const name = `cytoloop:${moment}`;
  performance.clearMarks(name);
  performance.mark(name);
}
