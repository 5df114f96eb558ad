/** How a classifier did on one split: cells by true class (rows) and told class, and how far it can be believed. */
export interface ClassJudgement {
  readonly confusion: readonly (readonly number[])[];
  readonly reliability: readonly { readonly cells: number; readonly said: number; readonly right: number }[];
}

export interface ClassRow {
  readonly name: string;
  readonly cells: number;
  readonly recall: number | null;
  readonly precision: number | null;
  readonly f1: number | null;
}

/** What a classification model's summary says of a split, the test images before the validation images; null for other models. */
export function judgementOf(summary: Record<string, unknown>): { names: string[]; split: string; told: ClassJudgement } | null {
  const all = summary["classification"] as ({ classes: string[] } & Record<string, unknown>) | undefined;
  const split = ["test", "validation"].find((one) => all?.[one]);
  if (!all || !split) return null;
  return { names: all.classes, split, told: all[split] as ClassJudgement };
}

/** A row for each class: how many there are, how many of them were found, and how many of those told are right. */
export function classRows(names: readonly string[], confusion: ClassJudgement["confusion"]): ClassRow[] {
  return names.map((name, at) => {
    const cells = sum(confusion[at] ?? []);
    const told = sum(confusion.map((row) => row[at] ?? 0));
    const right = confusion[at]?.[at] ?? 0;
    return { name, cells, recall: share(right, cells), precision: share(right, told), f1: share(2 * right, cells + told) };
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
