import { useMemo } from "react";
import { addresses } from "@/lib/addresses";
import { DataTable, type Column } from "@/ui/data-table";
import { TextLink } from "@/ui/link";
import { Button } from "@mantine/core";
import type { Branch, Frame } from "./queries";
import { rowsOf, type CellRow } from "./series";
import { measureWords } from "./words";

const NARROW: readonly string[] = ["t", "cell"];

/** All frames' cells, or those of the picked cell; the number of a cell opens it in the editor. */
export function MeasuresTable({ project, image, branch, frames, picked, onPick }: { project: string; image: string; branch: Branch; frames: readonly Frame[]; picked: number | null; onPick: (cell: number | null) => void }) {
  const rows = useMemo(() => rowsOf(frames), [frames]);
  const names = Object.keys(rows[0]?.values ?? {}).filter((name) => !NARROW.includes(name));
  const address = (row: CellRow) => addresses.annotate(project, image, { branch: branch.id, t: row.t, cell: row.cell });
  const columns: Column<CellRow>[] = [
    { key: "t", title: "Frame", width: "4.5rem", align: "right", cell: (row) => row.t, sortBy: (row) => row.t },
    {
      key: "cell",
      title: "Cell",
      width: "5rem",
      align: "right",
      cell: (row) => (
        <TextLink to={address(row)} size="sm">
          {row.cell}
        </TextLink>
      ),
      sortBy: (row) => row.cell,
    },
    ...names.map((name) => ({ key: name, title: measureWords(name), width: "8rem", align: "right" as const, cell: (row: CellRow) => told(row.values[name]), sortBy: (row: CellRow) => row.values[name] ?? null })),
  ];
  const shown = picked === null ? rows : rows.filter((row) => row.cell === picked);
  return (
    <>
      {picked !== null && (
        <Button size="compact-xs" variant="light" mb={6} onClick={() => onPick(null)}>
          Cell {picked} only: show all
        </Button>
      )}
      <div style={{ overflowX: "auto" }}>
        <div style={{ minWidth: `${10 + 8 * names.length}rem` }}>
          <DataTable<CellRow> label="Measurements" rows={shown} rowKey={(row) => row.key} rowLabel={(row) => `Cell ${row.cell} in frame ${row.t}`} columns={columns} maxHeight="26rem" onOpen={(row) => onPick(row.cell === picked ? null : row.cell)} />
        </div>
      </div>
    </>
  );
}

const told = (value: number | string | null | undefined): string => (value === null || value === undefined ? "–" : typeof value === "string" ? value || "–" : String(Number(value.toPrecision(4))));
