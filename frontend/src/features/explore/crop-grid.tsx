import { IconEyeOff, IconHelp, IconLock } from "@tabler/icons-react";
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { IGNORED, LOCKED, UNCERTAIN, pick, type Picking } from "./grid-order";
import { cropsAddress } from "./queries";
import classes from "./explore.module.css";

const SIDE_PX = 72;
const STEP_PX = 80;
/** One request brings so many: as many as the server takes at once. */
const SHEET = 64;

export interface CropGridProps {
  atlas: string;
  /** Numbers of cells in the order in which they stand. */
  order: Int32Array;
  flags: Uint8Array | undefined;
  colourOf: (number: number) => string | undefined;
  titleOf: (number: number) => string;
  chosen: ReadonlySet<number>;
  onChoose: (chosen: ReadonlySet<number>) => void;
  onPick: (number: number) => void;
}

/** Thousands of crops, of which only those in view are drawn; their pictures come in sheets. Shift chooses a range. */
export function CropGrid({ atlas, order, flags, colourOf, titleOf, chosen, onChoose, onPick }: CropGridProps) {
  const { ref, width } = useElementSize();
  const box = useRef<HTMLDivElement>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const across = Math.max(1, Math.floor((width || STEP_PX) / STEP_PX));
  const rows = useVirtualizer({ count: Math.ceil(order.length / across), getScrollElement: () => box.current, estimateSize: () => STEP_PX, overscan: 3 });
  const choose = (place: number, keys: { shift: boolean; ctrl: boolean }) => {
    const next: Picking = pick({ chosen, anchor }, order, place, keys);
    setAnchor(next.anchor);
    setActive(place);
    onChoose(next.chosen);
    const number = order[place];
    if (number !== undefined && !keys.shift && !keys.ctrl) onPick(number);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, PageDown: across * 5, PageUp: -across * 5, Home: -order.length, End: order.length }[event.key];
    const isAll = event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey);
    if (by === undefined && event.key !== " " && !isAll) return;
    event.preventDefault();
    event.stopPropagation();
    if (isAll) return onChoose(new Set(order));
    if (by === undefined) return choose(active, { shift: false, ctrl: true });
    const place = Math.min(order.length - 1, Math.max(0, active + by));
    rows.scrollToIndex(Math.floor(place / across));
    if (event.ctrlKey || event.metaKey) setActive(place);
    else choose(place, { shift: event.shiftKey, ctrl: false });
  };
  const onClick = (event: MouseEvent) => {
    const place = Number((event.target as Element).closest<HTMLElement>("[data-place]")?.dataset.place ?? -1);
    if (place >= 0) choose(place, { shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey });
  };
  return (
    <div ref={box} className={classes.gridBox} role="listbox" aria-multiselectable aria-label="Crops of cells" tabIndex={0} aria-activedescendant={`crop-${active}`} onKeyDown={onKeyDown} onClick={onClick}>
      <div ref={ref} style={{ height: rows.getTotalSize(), position: "relative" }} role="presentation">
        {rows.getVirtualItems().map(({ index, start }) => (
          <GridRow key={index} index={index} start={start} across={across} atlas={atlas} order={order} flags={flags} colourOf={colourOf} titleOf={titleOf} chosen={chosen} active={Math.floor(active / across) === index ? active : -1} />
        ))}
      </div>
    </div>
  );
}

interface GridRowProps extends Pick<CropGridProps, "atlas" | "order" | "flags" | "colourOf" | "titleOf" | "chosen"> {
  index: number;
  start: number;
  across: number;
  /** The place of the crop that the keys are at; -1: in another row. */
  active: number;
}

/** A row that stands as it stood is not made again while others come and go. */
const GridRow = memo(function GridRow({ index, start, across, atlas, order, flags, colourOf, titleOf, chosen, active }: GridRowProps) {
  return (
    <div className={classes.gridRow} style={{ transform: `translateY(${start}px)` }} role="presentation">
      {Array.from(order.subarray(index * across, (index + 1) * across), (number, i) => {
        const place = index * across + i;
        return <Crop key={number} place={place} title={titleOf(number)} colour={colourOf(number)} flags={flags?.[number] ?? 0} isChosen={chosen.has(number)} isActive={place === active} picture={sheetOf(atlas, order, place)} />;
      })}
    </div>
  );
});

function sheetOf(atlas: string, order: Int32Array, place: number): { backgroundImage: string; backgroundPosition: string } {
  const first = place - (place % SHEET);
  return { backgroundImage: addressOf(atlas, order, first), backgroundPosition: `-${(place - first) * SIDE_PX}px 0` };
}

/** Addresses of sheets by their first place: each is put together once, not for each of its crops. */
const ADDRESSES = new WeakMap<Int32Array, Map<number, string>>();

function addressOf(atlas: string, order: Int32Array, first: number): string {
  const known = ADDRESSES.get(order) ?? new Map<number, string>();
  ADDRESSES.set(order, known);
  const address = known.get(first) ?? `url("${cropsAddress(atlas, Array.from(order.subarray(first, first + SHEET)))}")`;
  known.set(first, address);
  return address;
}

interface CropProps {
  place: number;
  title: string;
  colour: string | undefined;
  flags: number;
  isChosen: boolean;
  isActive: boolean;
  picture: { backgroundImage: string; backgroundPosition: string };
}

function Crop({ place, title, colour, flags, isChosen, isActive, picture }: CropProps) {
  return (
    <div id={`crop-${place}`} role="option" aria-selected={isChosen} aria-label={title} title={title} data-place={place} data-active={isActive || undefined} className={classes.gridCrop} style={{ ...picture, "--class": colour ?? "transparent" }}>
      {(flags & IGNORED) !== 0 && <IconEyeOff size={14} aria-label="not for training" />}
      {(flags & UNCERTAIN) !== 0 && <IconHelp size={14} aria-label="uncertain" />}
      {(flags & LOCKED) !== 0 && <IconLock size={14} aria-label="locked" />}
    </div>
  );
}
