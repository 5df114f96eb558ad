import { Checkbox, Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type ReactNode } from "react";
import classes from "./data-table.module.css";
import { useRowKeys, type Selection } from "./use-row-keys";
import { useSorted, type Sort } from "./use-sorted";

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Makes the column sortable by this value. */
  sortBy?: (row: Row) => string | number | null;
  /** CSS width; columns without one share what is left. */
  width?: string;
  align?: "left" | "right";
  /** Left out on narrow screens. */
  wideOnly?: boolean;
}

export interface DataTableProps<Row> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** The row's name, for screen readers and for its checkbox. */
  rowLabel: (row: Row) => string;
  onOpen?: (row: Row) => void;
  selection?: Selection;
  /** Called when the last rows come into view: fetch the next page. */
  onEnd?: () => void;
  initialSort?: Sort;
  /** How tall it may grow before it scrolls by itself. */
  maxHeight?: string;
}

const ROW_PX = 40;
const VIRTUAL_ABOVE = 120;

/** A list of up to many thousand rows. Arrows move, Enter opens, Space selects, Shift with arrows extends. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rowKey, selection, onOpen, onEnd } = props;
  const box = useRef<HTMLDivElement>(null);
  const { sorted, sort, toggle } = useSorted(props.rows, columns, props.initialSort);
  const window = useRowWindow(sorted.length, box, onEnd);
  const keys = useRowKeys({
    ids: sorted.map(rowKey),
    selection,
    box,
    reveal: window.reveal,
    onOpen: (index) => sorted[index] && onOpen?.(sorted[index]),
  });
  return (
    <div ref={box} className={classes.box} style={{ maxHeight: props.maxHeight ?? "70dvh" }}>
      <Table role="grid" aria-label={props.label} aria-rowcount={sorted.length + 1} aria-multiselectable={selection ? true : undefined} className={classes.table} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {selection && <SelectAll selection={selection} ids={keys.ids} />}
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={sort} onSort={() => toggle(column.key)} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody onKeyDown={keys.onKeyDown} onFocus={keys.onFocus}>
          <Spacer height={window.before} />
          {window.indices.map((index) => (
            <BodyRow key={rowKey(sorted[index])} {...props} row={sorted[index]} index={index} focusable={index === keys.active} onPick={keys.pick} />
          ))}
          <Spacer height={window.after} />
        </Table.Tbody>
      </Table>
    </div>
  );
}

function HeadCell<Row>({ column, sort, onSort }: { column: Column<Row>; sort: Sort | null; onSort: () => void }) {
  const direction = sort?.key === column.key ? sort.direction : null;
  return (
    <Table.Th
      scope="col"
      style={{ width: column.width, textAlign: column.align }}
      data-wide-only={column.wideOnly}
      aria-sort={column.sortBy ? (direction ?? "none") : undefined}
    >
      {column.sortBy ? (
        <UnstyledButton className={classes.sort} onClick={onSort}>
          {column.title}
          {direction === "ascending" && <IconArrowUp size={12} aria-hidden />}
          {direction === "descending" && <IconArrowDown size={12} aria-hidden />}
        </UnstyledButton>
      ) : (
        column.title
      )}
    </Table.Th>
  );
}

function SelectAll({ selection, ids }: { selection: Selection; ids: readonly string[] }) {
  const chosen = ids.filter((id) => selection.selected.has(id)).length;
  return (
    <Table.Th className={classes.check}>
      <Checkbox
        size="xs"
        aria-label="Select all"
        checked={chosen > 0 && chosen === ids.length}
        indeterminate={chosen > 0 && chosen < ids.length}
        onChange={() => selection.onChange(new Set(chosen === ids.length ? [] : ids))}
      />
    </Table.Th>
  );
}

interface BodyRowProps<Row> extends DataTableProps<Row> {
  row: Row;
  index: number;
  focusable: boolean;
  onPick: (index: number, extend: boolean) => void;
}

function BodyRow<Row>({ row, index, focusable, columns, rowKey, rowLabel, selection, onOpen, onPick }: BodyRowProps<Row>) {
  const selected = selection?.selected.has(rowKey(row));
  return (
    <Table.Tr
      tabIndex={focusable ? 0 : -1}
      data-row={index}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-label={rowLabel(row)}
      data-opens={onOpen ? true : undefined}
      onClick={(event) => {
        const target = event.target as Element; // a menu opened from the row lies elsewhere in the page
        if (event.currentTarget.contains(target) && !target.closest("a, button, input, label")) onOpen?.(row);
      }}
    >
      {selection && (
        <Table.Td className={classes.check}>
          <Checkbox size="xs" tabIndex={-1} aria-label={`Select ${rowLabel(row)}`} checked={selected} readOnly onClick={(event) => onPick(index, event.shiftKey)} />
        </Table.Td>
      )}
      {columns.map((column) => (
        <Table.Td key={column.key} style={{ textAlign: column.align }} className={column.align === "right" ? "num" : undefined} data-wide-only={column.wideOnly}>
          {column.cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function Spacer({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden style={{ height }} /> : null;
}

/** Which rows to draw: all of a short list, the visible ones of a long list. */
function useRowWindow(count: number, box: React.RefObject<HTMLDivElement | null>, onEnd?: () => void) {
  const virtual = useVirtualizer({ count, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 12 });
  const all = count <= VIRTUAL_ABOVE;
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && count > 0 && last >= count - 15) onEnd();
  }, [last, count, onEnd]);
  return {
    indices: all ? Array.from({ length: count }, (_, index) => index) : items.map((item) => item.index),
    before: all ? 0 : (items[0]?.start ?? 0),
    after: all ? 0 : virtual.getTotalSize() - (items.at(-1)?.end ?? 0),
    reveal: (index: number) => !all && virtual.scrollToIndex(index),
  };
}
