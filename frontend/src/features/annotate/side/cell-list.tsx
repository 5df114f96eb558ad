import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type KeyboardEvent, type MouseEvent } from "react";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorState } from "../use-editor";
import type { CellRow } from "./cell-rows";
import classes from "./side.module.css";

const ROW_PX = 28;

/** A list box of any length: only visible rows exist. Arrows walk, and the picture follows. */
export function CellList({ rows }: { rows: readonly CellRow[] }) {
  const box = useRef<HTMLDivElement>(null);
  const goTo = useGoToCell();
  const selected = useEditorState((state) => state.selected);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 10 });
  const current = rows.findIndex((row) => row.cell === selected[0]);
  useEffect(() => {
    if (current >= 0) virtual.scrollToIndex(current);
  }, [current, virtual]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const row = rows[Math.min(rows.length - 1, Math.max(0, current + step))];
    if (step === 0 || !row) return;
    event.preventDefault();
    event.stopPropagation();
    goTo(row, false);
  };
  return (
    <div ref={box} className={classes.scroll} role="listbox" aria-label="Cells" aria-multiselectable tabIndex={0} onKeyDown={onKeyDown}
      aria-activedescendant={current >= 0 ? `cell-${rows[current]?.cell}` : undefined}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row && <Row key={row.cell} row={row} top={start} selected={selected.includes(row.cell)} onPick={goTo} />;
        })}
      </div>
    </div>
  );
}

interface RowProps {
  row: CellRow;
  top: number;
  selected: boolean;
  onPick: (row: CellRow, add: boolean) => void;
}

function Row({ row, top, selected, onPick }: RowProps) {
  return (
    <div
      id={`cell-${row.cell}`}
      role="option"
      aria-selected={selected}
      aria-label={`Cell ${row.cell}`}
      data-away={row.area_px === null || undefined}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event: MouseEvent) => onPick(row, event.shiftKey || event.ctrlKey)}
    >
      <span>{row.cell}</span>
      {row.className ? (
        <span className={classes.chip} style={{ "--chip": row.classColor ?? undefined }}>
          {row.className}
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

function framesOf({ first, last }: CellRow): string {
  if (first === null || last === null) return "–";
  return first === last ? String(first) : `${first}–${last}`;
}

/** Selects a cell and brings it to the middle, going to its first frame when it is not in this one. */
function useGoToCell(): (row: CellRow, add: boolean) => void {
  const editor = useEditor();
  const { image } = useBench();
  return (row, add) => {
    const { selected } = editor.state();
    editor.dispatch({ kind: "select", cells: add ? [...new Set([...selected, row.cell])] : [row.cell] });
    if (row.area_px === null && row.first !== null && image.size_t > 1) {
      editor.dispatch({ kind: "frame.go", t: row.first });
      void editor.settled().then(() => editor.dispatch({ kind: "camera.centre", cell: row.cell }));
      return;
    }
    editor.dispatch({ kind: "camera.centre", cell: row.cell });
  };
}
