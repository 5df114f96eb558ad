import { VisuallyHidden } from "@mantine/core";
import { IconEyeOff, IconHelp, IconLock } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useEffect, useMemo, useRef, type KeyboardEvent, type MouseEvent } from "react";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorState } from "../use-editor";
import type { CellRow } from "./cell-rows";
import { pickCells, type Pick } from "./pick-cells";
import classes from "./side.module.css";

const ROW_PX = 28;
const PAGE_ROWS = 20;

/** A list box of any length: only visible rows exist. Arrows walk and the picture follows; Shift and Ctrl choose several. */
export function CellList({ rows }: { rows: readonly CellRow[] }) {
  const box = useRef<HTMLDivElement>(null);
  const anchorRef = useRef<number | null>(null);
  const choose = useChoose(rows, anchorRef);
  // The picture answers a click first, the list a moment later.
  const selected = useDeferredValue(useEditorState((state) => state.selected));
  const chosen = useMemo(() => new Set(selected), [selected]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 10 });
  const current = useMemo(() => rows.findIndex((row) => row.cell === selected[0]), [rows, selected]);
  useEffect(() => {
    if (current < 0 || !box.current) return;
    // Rows are all alike, so nothing has to be measured to know where one stands.
    const [top, from, height] = [current * ROW_PX, virtual.scrollOffset ?? 0, virtual.scrollRect?.height ?? 0];
    if (top < from) box.current.scrollTop = top;
    else if (top + ROW_PX > from + height) box.current.scrollTop = top + ROW_PX - height;
  }, [current, virtual]);
  const onKeyDown = (event: KeyboardEvent) => {
    const to = stepOf(event.key, current, rows.length);
    const row = to === null ? undefined : rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!row) return;
    event.preventDefault();
    event.stopPropagation();
    choose(row, { toggle: false, range: event.shiftKey });
  };
  return (
    <div ref={box} className={classes.scroll} role="listbox" aria-label="Cells" aria-multiselectable tabIndex={0} onKeyDown={onKeyDown}
      aria-activedescendant={current >= 0 ? `cell-${rows[current]?.cell}` : undefined}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row && <Row key={row.cell} row={row} top={start} selected={chosen.has(row.cell)} at={index + 1} of={rows.length} onPick={choose} />;
        })}
      </div>
    </div>
  );
}

function stepOf(key: string, current: number, length: number): number | null {
  const steps: Record<string, number> = { ArrowDown: current + 1, ArrowUp: current - 1, PageDown: current + PAGE_ROWS, PageUp: current - PAGE_ROWS, Home: 0, End: length - 1 };
  return steps[key] ?? null;
}

interface RowProps {
  row: CellRow;
  top: number;
  selected: boolean;
  at: number;
  of: number;
  onPick: (row: CellRow, how: Omit<Pick, "cell">) => void;
}

function Row({ row, top, selected, at, of, onPick }: RowProps) {
  return (
    <div
      id={`cell-${row.cell}`}
      role="option"
      aria-selected={selected}
      aria-setsize={of}
      aria-posinset={at}
      data-away={row.area_px === null || undefined}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event: MouseEvent) => onPick(row, { toggle: event.ctrlKey || event.metaKey, range: event.shiftKey })}
    >
      <span className={classes.number}>
        <span>
          <VisuallyHidden>Cell </VisuallyHidden>
          {row.cell}
        </span>
        <VisuallyHidden>{spoken(row)}</VisuallyHidden>
        {row.locked && <IconLock size={11} aria-hidden />}
        {row.ignored && <IconEyeOff size={11} aria-hidden />}
        {row.uncertain && <IconHelp size={12} aria-hidden />}
      </span>
      {row.className ? (
        <span className={classes.chip} style={{ "--chip": row.classColor ?? undefined }} title={[row.className, ...row.also.map(({ name }) => name)].join(" + ")}>
          {row.className}
          {row.also.length > 0 && ` +${row.also.length}`}
        </span>
      ) : (
        <span className={classes.small}>–</span>
      )}
      <span className={classes.right}>{row.area_px ?? "–"}</span>
      <span className={classes.right}>{framesOf(row)}</span>
      <span className={classes.right}>{row.quality === null ? "–" : row.quality.toFixed(2)}</span>
    </div>
  );
}

const spoken = ({ area_px, locked, ignored, uncertain }: CellRow): string => [area_px === null && "not in this frame", locked && "locked", ignored && "ignored", uncertain && "uncertain"].filter(Boolean).join(", ");

function framesOf({ first, last }: CellRow): string {
  if (first === null || last === null) return "–";
  return first === last ? String(first) : `${first}–${last}`;
}

/** Selects, and brings one that was chosen alone to the middle, going to its first frame when it is not in this one. */
function useChoose(rows: readonly CellRow[], anchorRef: { current: number | null }): RowProps["onPick"] {
  const editor = useEditor();
  const { image } = useBench();
  return (row, how) => {
    const listed = rows.map(({ cell }) => cell);
    editor.dispatch({ kind: "select", cells: pickCells(listed, editor.state().selected, anchorRef.current, { cell: row.cell, ...how }) });
    if (!how.range) anchorRef.current = row.cell;
    if (how.toggle) return;
    if (row.area_px === null && row.first !== null && image.size_t > 1) {
      editor.dispatch({ kind: "frame.go", t: row.first });
      void editor.settled().then(() => editor.dispatch({ kind: "camera.centre", cell: row.cell }));
      return;
    }
    if (row.area_px !== null) editor.dispatch({ kind: "camera.centre", cell: row.cell });
  };
}
