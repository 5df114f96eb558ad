import { Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import { useGoToNote } from "../side/notes-tab";
import side from "../side/side.module.css";
import type { ChangedCell } from "../types";
import { countKinds, orderChanges } from "./changes";
import classes from "./review.module.css";

const ROW_PX = 28;
const WORDS: Record<ChangedCell["change"], string> = { ADDED: "added", REMOVED: "removed", CHANGED: "changed", RENAMED: "renumbered", FACTS: "facts" };
const MARKS: Record<ChangedCell["change"], string> = { ADDED: "#2fc4b4", REMOVED: "#f0804a", CHANGED: "#f0e442", RENAMED: "#7aa2f7", FACTS: "#8b98a5" };

interface ChangesTabProps {
  changes: readonly ChangedCell[] | undefined;
  error: unknown;
  onRetry: () => void;
  /** Said when nothing differs. */
  empty?: string;
  /** Stands in each row: what is to become of this cell. */
  extra?: (change: ChangedCell) => ReactNode;
}

export function ChangesTab({ changes, error, onRetry, extra, empty = "Nothing differs from where this task began." }: ChangesTabProps) {
  const ordered = useMemo(() => orderChanges(changes ?? []), [changes]);
  if (error) return <ErrorNotice error={error} onRetry={onRetry} />;
  if (!changes) return <Skeleton height={200} m="sm" />;
  if (changes.length === 0) return <p className={side.hint}>{empty}</p>;
  const counts = countKinds(changes);
  return (
    <>
      <div className={classes.legend}>
        {(Object.keys(WORDS) as ChangedCell["change"][]).map((kind) => (
          <span key={kind} className="num">
            <i style={{ "--mark": MARKS[kind] }} aria-hidden />
            {counts[kind]} {WORDS[kind]}
          </span>
        ))}
      </div>
      <ChangeList changes={ordered} extra={extra} />
    </>
  );
}

/** Least alike first; arrows walk the list and the picture follows. */
function ChangeList({ changes, extra }: { changes: readonly ChangedCell[]; extra: ChangesTabProps["extra"] }) {
  const goTo = useGoToNote();
  const box = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(-1);
  const virtual = useVirtualizer({ count: changes.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 10 });
  const go = (to: number) => {
    const at = Math.min(changes.length - 1, Math.max(0, to));
    const change = changes[at];
    setCurrent(at);
    virtual.scrollToIndex(at);
    if (change) goTo(change.isElsewhere ? { ...change, cell: null } : change);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    go(current + step);
  };
  return (
    <>
      <button type="button" hidden data-action="change.next" onClick={() => go(current + 1)} />
      <button type="button" hidden data-action="change.previous" onClick={() => go(current - 1)} />
    <div ref={box} className={side.scroll} role="listbox" aria-label="Changed cells" tabIndex={0} onKeyDown={onKeyDown} aria-activedescendant={current >= 0 ? `change-${current}` : undefined}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const change = changes[index];
          return change && <ChangeRow key={index} id={`change-${index}`} change={change} top={start} selected={index === current} onPick={() => go(index)} extra={extra?.(change)} />;
        })}
      </div>
    </div>
    </>
  );
}

function framesOf({ t, last_t: last }: ChangedCell): string {
  if (t === null) return "–";
  return last == null || last === t ? `t ${t}` : `t ${t}–${last}`;
}

function ChangeRow({ id, change, top, selected, onPick, extra }: { id: string; change: ChangedCell; top: number; selected: boolean; onPick: () => void; extra: ReactNode }) {
  return (
    <div id={id} role="option" aria-selected={selected} className={side.row} style={{ transform: `translateY(${top}px)` }} onClick={onPick}>
      <span title={change.baseCell === undefined ? undefined : `Cell ${change.baseCell} before, ${change.cell} now`}>{change.baseCell === undefined ? change.cell : `${change.baseCell} › ${change.cell}`}</span>
      <span className={side.chip} style={{ "--chip": MARKS[change.change] }}>
        {WORDS[change.change]}
      </span>
      <span>{extra}</span>
      <span className={side.right}>{framesOf(change)}</span>
      <span className={side.right} title="Overlap of before and after (IoU)">
        {change.iou === null ? "–" : change.iou.toFixed(2)}
      </span>
    </div>
  );
}
