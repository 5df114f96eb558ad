import { useRef, useState, type FocusEvent, type KeyboardEvent, type RefObject } from "react";

export interface Selection {
  selected: ReadonlySet<string>;
  onChange: (selected: ReadonlySet<string>) => void;
}

export interface RowKeysOptions {
  ids: readonly string[];
  selection?: Selection;
  box: RefObject<HTMLElement | null>;
  /** Scrolls a row into view that may not be drawn yet. */
  reveal: (index: number) => void;
  onOpen: (index: number) => void;
  /** Columns of a grid of cards; 1 for a table. */
  columns?: number;
}

/** Where a key leads from the active item; null for keys that do not move. */
export function moveBy(key: string, active: number, count: number, columns: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: columns * 10,
    PageUp: -columns * 10,
    Home: -count,
    End: count,
    ...(columns > 1 ? { ArrowRight: 1, ArrowLeft: -1 } : {}),
  };
  const step = steps[key];
  return step === undefined ? null : Math.min(count - 1, Math.max(0, active + step));
}

/** What a click or Space leaves selected: one toggled, or the range from the last one picked. */
export function select(selected: ReadonlySet<string>, ids: readonly string[], index: number, anchor: number | null): Set<string> {
  const next = new Set(selected);
  if (anchor === null) {
    const id = ids[index];
    if (!next.delete(id)) next.add(id);
    return next;
  }
  for (let at = Math.min(anchor, index); at <= Math.max(anchor, index); at += 1) next.add(ids[at]);
  return next;
}

/** Arrow keys, opening and selecting for a list whose items carry `data-row`; one item at a time is in the tab order. */
export function useRowKeys({ ids, selection, box, reveal, onOpen, columns = 1 }: RowKeysOptions) {
  const [activeRow, setActive] = useState(0);
  const active = Math.min(activeRow, Math.max(0, ids.length - 1));
  const anchor = useRef<number | null>(null);

  const focus = (index: number) => {
    setActive(index);
    reveal(index);
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus());
  };
  const pick = (index: number, extend: boolean) => {
    if (!selection) return;
    selection.onChange(select(selection.selected, ids, index, extend ? (anchor.current ?? active) : null));
    anchor.current = index;
    setActive(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).dataset.row === undefined) return;
    const target = moveBy(event.key, active, ids.length, columns);
    if (target !== null) {
      if (event.shiftKey) pick(target, true);
      focus(target);
    } else if (event.key === "Enter") onOpen(active);
    else if (event.key === " ") pick(active, event.shiftKey);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey) && selection) selection.onChange(new Set(ids));
    else if (event.key === "Escape" && selection?.selected.size) selection.onChange(new Set());
    else return;
    event.preventDefault();
  };
  /** Focus may also come by Tab, a click or a screen reader. */
  const onFocus = (event: FocusEvent) => {
    const row = (event.target as HTMLElement).dataset.row;
    if (row !== undefined) setActive(Number(row));
  };
  return { ids, active, pick, onKeyDown, onFocus };
}
