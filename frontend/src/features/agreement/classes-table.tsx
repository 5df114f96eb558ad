import type { Agreement } from "./queries";
import { DataTable } from "@/ui/data-table";
import { Panel } from "@/ui/panel";

type Row = Agreement["classes"][number];

const named = (name: string | undefined) => name || "no class";

/** Cells that both found, by the class that each gave. */
export function ClassesTable({ rows }: { rows: readonly Row[] }) {
  return (
    <Panel title="Classes" lead="Cells that both found (IoU 0.5 and more), by what each said they are.">
      <DataTable<Row>
        label="Classes of the cells that both found"
        rows={rows}
        rowKey={(row) => `${row.first}/${row.second}`}
        rowLabel={(row) => `${named(row.first)}, ${named(row.second)}`}
        maxHeight="40dvh"
        columns={[
          { key: "first", title: "First", cell: (row) => named(row.first), sortBy: (row) => row.first },
          { key: "second", title: "Second", cell: (row) => named(row.second), sortBy: (row) => row.second },
          { key: "cells", title: "Cells", width: "6rem", align: "right", cell: (row) => row.cells, sortBy: (row) => row.cells },
        ]}
      />
    </Panel>
  );
}
