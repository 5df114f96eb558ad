import { NativeSelect, SegmentedControl, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { hearNews } from "@/api/live-news";
import { schemaQuery } from "@/api/schemas";
import { useBench } from "../bench/bench-context";
import { cellsQuery } from "../queries";
import { useEditor, useEditorState } from "../use-editor";
import { useRested } from "../use-rested";
import { BulkBar } from "./bulk-bar";
import { FilterButton } from "./cell-filter";
import { CellList } from "./cell-list";
import { CellRows, NO_FILTER, type CellFilter, type CellOrder, type RowView } from "./cell-rows";
import { FactsPanel } from "./facts-panel";
import classes from "./side.module.css";
import { UncertaintySwitch } from "./uncertainty-switch";

/** Between two strokes of a quick hand the list stands still. */
const REST_MS = 200;
/** Whoever moves several cells waits for the list once. */
const MOVES_REST_MS = 800;

const COLUMNS: { by: CellOrder; title: string; right?: boolean }[] = [
  { by: "cell", title: "Cell" },
  { by: "className", title: "Class" },
  { by: "area_px", title: "Area", right: true },
  { by: "first", title: "Frames", right: true },
  { by: "quality", title: "Quality", right: true },
];

/** Every cell of the labels; a click goes there, Shift and Ctrl choose several. Least sure first is one click on "Quality". */
export function CellsTab() {
  const [text, setText] = useState("");
  const [where, setWhere] = useState("here");
  const [order, setOrder] = useState<Order>({ by: "cell", descending: false });
  const [filter, setFilter] = useState<CellFilter>(NO_FILTER);
  const { all, version } = useCellRows();
  const view = useMemo<RowView>(() => ({ text, onlyHere: where === "here", filter, ...order }), [text, where, filter, order]);
  // The rows are one object whose version says that it has changed.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const rows = useMemo(() => all.list(view), [all, version, view]);
  return (
    <>
      <div className={classes.bar}>
        <TextInput size="xs" flex={1} aria-label="Find a cell" placeholder="Number or class" value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <SegmentedControl size="xs" aria-label="Which cells" data={[{ value: "here", label: "Frame" }, { value: "all", label: "All" }]} value={where} onChange={setWhere} />
        <FilterButton filter={filter} onFilter={setFilter} />
      </div>
      <MoreOrders order={order} onOrder={setOrder} />
      <UncertaintySwitch arePredicted={all.arePredicted} />
      <BulkBar rows={rows} />
      <div className={classes.head} role="group" aria-label="Order by">
        {COLUMNS.map(({ by, title, right }) => (
          <UnstyledButton
            key={by}
            className={right ? classes.right : undefined}
            aria-pressed={order.by === by}
            onClick={() => setOrder({ by, descending: order.by === by && !order.descending })}
          >
            {title}
            {order.by === by && (order.descending ? " ↓" : " ↑")}
          </UnstyledButton>
        ))}
      </div>
      {rows.length > 0 ? <CellList rows={rows} /> : <NoCells filtered={all.size > 0} />}
      <FactsPanel rows={all} version={version} />
    </>
  );
}

interface Order {
  by: CellOrder;
  descending: boolean;
}

/** By an attribute, or by doubt: what has no column of its own. */
function MoreOrders({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const { project } = useBench();
  const attributes = useQuery(schemaQuery(project)).data?.attributes.filter((one) => !one.archived) ?? [];
  if (attributes.length === 0) return null;
  const isOther = order.by === "uncertain" || order.by.startsWith("attribute ");
  return (
    <div className={classes.bar}>
      <NativeSelect
        size="xs"
        flex={1}
        aria-label="Order by an attribute"
        data={[{ value: "", label: "Order by an attribute …" }, { value: "uncertain", label: "Uncertain first" }, ...attributes.map(({ id, name }) => ({ value: `attribute ${id}`, label: `By ${name}` }))]}
        value={isOther ? order.by : ""}
        onChange={(event) => onOrder(event.currentTarget.value ? { by: event.currentTarget.value as CellOrder, descending: true } : { by: "cell", descending: false })}
      />
    </div>
  );
}

const NONE: readonly never[] = [];

/** Moves give frames that are not on the screen to other cells: once they are saved, the list is asked for again. */
function useFollowMoves(branch: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    let rest: ReturnType<typeof setTimeout> | undefined;
    const stop = hearNews((name, data) => {
      if (name !== "revision.created" || data.branch !== branch) return;
      const edits = Array.isArray(data.edits) ? (data.edits as { moves?: readonly unknown[] }[]) : null;
      if (edits && !edits.some(({ moves }) => moves && moves.length > 0)) return;
      clearTimeout(rest);
      rest = setTimeout(() => void queries.invalidateQueries({ queryKey: ["cells", branch, "head"] }), MOVES_REST_MS);
    });
    return () => {
      stop();
      clearTimeout(rest);
    };
  }, [branch, queries]);
}

function useCellRows(): { all: CellRows; version: number } {
  const editor = useEditor();
  const { branch, revision, classes: labelClasses } = useBench();
  const version = useRested(useEditorState((state) => state.labelsVersion), REST_MS);
  const ready = useEditorState((state) => state.loading.labels === 0);
  const t = useEditorState((state) => state.t);
  const z = useEditorState((state) => state.z);
  // The picture comes first: its labels are read and drawn before the list asks for what it adds to them.
  const drawn = useEditorState((state) => state.document !== null && state.loading.labels === 0);
  const listed = useQuery({ ...cellsQuery(branch.id, revision), enabled: drawn }).data ?? NONE;
  useFollowMoves(branch.id);
  const rows = useMemo(() => new CellRows(), []);
  return useMemo(
    () => {
      const all = rows.take({ listed, measured: editor.cells({ t, z }), factsOf: (cell) => editor.facts(cell), factsTouched: (since) => editor.factsTouched(since), classes: labelClasses, t });
      return { all, version: all.version };
    },
    // `version` and `ready` say when the editor's answers have changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [rows, editor, listed, labelClasses, t, z, version, ready],
  );
}

function NoCells({ filtered }: { filtered: boolean }) {
  const { readOnly } = useBench();
  if (filtered) return <p className={classes.hint}>No cell here fits. Clear the search and the filter, or list all frames.</p>;
  return (
    <p className={classes.hint}>
      {readOnly ? "Nothing is labelled here yet." : "Nothing is labelled here yet. Press N for a new cell and B for the brush, then paint one."}
    </p>
  );
}
