import { useNavigate } from "@tanstack/react-router";
import { DataTable } from "@/ui/data-table";
import { TextLink } from "@/ui/link";
import type { Fault } from "./queries";
import { cellWords, faultAddress, kindWords } from "./words";

/** Every error with its frame and cells; each opens the editor there. */
export function ErrorsTable({ project, faults }: { project: string; faults: readonly Fault[] }) {
  const navigate = useNavigate();
  return (
    <DataTable<Fault>
      label="Errors of the tracks"
      rows={faults}
      rowKey={(one) => String(one.id)}
      rowLabel={(one) => `${kindWords(one.kind)} in frame ${one.t}`}
      maxHeight="24rem"
      onOpen={(one) => void navigate(faultAddress(project, one))}
      columns={[
        {
          key: "kind",
          title: "What is wrong",
          cell: (one) => (
            <TextLink {...faultAddress(project, one)} size="sm">
              {kindWords(one.kind)}
            </TextLink>
          ),
          sortBy: (one) => one.kind,
        },
        { key: "t", title: "Frame", width: "5rem", align: "right", cell: (one) => one.t, sortBy: (one) => one.t },
        { key: "cells", title: "Cells", width: "10rem", cell: cellWords, sortBy: (one) => one.predicted_cells[0] ?? one.truth_cells[0] ?? 0 },
        { key: "at", title: "At y, x", width: "8rem", align: "right", wideOnly: true, cell: (one) => `${one.y}, ${one.x}` },
        { key: "harm", title: "Cost", width: "5rem", align: "right", wideOnly: true, cell: (one) => one.harm.toFixed(1), sortBy: (one) => one.harm },
      ]}
    />
  );
}
