import { useMemo, useState } from "react";

export interface Sort {
  key: string;
  direction: "ascending" | "descending";
}

interface Sortable<Row> {
  key: string;
  sortBy?: (row: Row) => string | number | null;
}

const NATURAL = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Rows in the order of one column; "img2" before "img10"; unknown values last either way. */
export function sortRows<Row>(rows: readonly Row[], by: (row: Row) => string | number | null, direction: Sort["direction"]): Row[] {
  const sign = direction === "ascending" ? 1 : -1;
  return [...rows].sort((one, other) => {
    const [a, b] = [by(one), by(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (typeof a === "number" && typeof b === "number" ? a - b : NATURAL.compare(String(a), String(b)));
  });
}

export function useSorted<Row>(rows: readonly Row[], columns: readonly Sortable<Row>[], initial?: Sort) {
  const [sort, setSort] = useState<Sort | null>(initial ?? null);
  const sorted = useMemo(() => {
    const by = columns.find((column) => column.key === sort?.key)?.sortBy;
    return sort && by ? sortRows(rows, by, sort.direction) : rows;
  }, [rows, columns, sort]);
  const toggle = (key: string) =>
    setSort((now) => ({ key, direction: now?.key === key && now.direction === "ascending" ? "descending" : "ascending" }));
  return { sorted, sort, toggle };
}
