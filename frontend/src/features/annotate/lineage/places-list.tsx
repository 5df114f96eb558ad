import { Badge, Button, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, type KeyboardEvent } from "react";
import classes from "./lineage.module.css";
import type { Place } from "./places";
import type { PlaceAct } from "./use-place-acts";

const ROW_PX = 46;

interface PlacesListProps {
  label: string;
  places: readonly Place[];
  current: number;
  onGo: (index: number) => void;
  /** What can be done with the chosen one. */
  actsOf: (place: Place) => readonly PlaceAct[];
}

/** A list of any length; the arrows walk and the picture follows. */
export function PlacesList({ label, places, current, onGo, actsOf }: PlacesListProps) {
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: places.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 6 });
  useEffect(() => {
    if (current >= 0) virtual.scrollToIndex(current, { align: "auto" });
  }, [current, virtual]);
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: places.length - 1 }[event.key];
    if (to === undefined || places.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    onGo(Math.min(Math.max(to, 0), places.length - 1));
  };
  return (
    <div ref={box} className={classes.list} role="listbox" aria-label={label} tabIndex={0} onKeyDown={onKeyDown} aria-activedescendant={current >= 0 ? `place-${current}` : undefined}>
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const place = places[index];
          return place && <Row key={place.key} place={place} index={index} top={start} of={places.length} chosen={index === current} onGo={onGo} actsOf={actsOf} />;
        })}
      </div>
    </div>
  );
}

interface RowProps extends Pick<PlacesListProps, "onGo" | "actsOf"> {
  place: Place;
  index: number;
  top: number;
  of: number;
  chosen: boolean;
}

function Row({ place, index, top, of, chosen, onGo, actsOf }: RowProps) {
  const { repair } = place;
  return (
    <div id={`place-${index}`} role="option" aria-selected={chosen} aria-setsize={of} aria-posinset={index + 1} className={classes.place} style={{ transform: `translateY(${top}px)`, height: ROW_PX }} onClick={() => onGo(index)}>
      <div className={classes.placeHead}>
        <Badge size="xs" variant="light" color={repair ? "teal" : "orange"} radius="sm">
          {place.title}
        </Badge>
        <span className={classes.when}>t {place.t}</span>
        {repair && (
          <span className={classes.when} title={`${Math.round(100 * repair.probability)} % sure, ${repair.links} link${repair.links === 1 ? "" : "s"} put right`}>
            gain {repair.gain.toFixed(1)}
          </span>
        )}
        {chosen && (
          <span className={classes.acts}>
            {actsOf(place).map(({ label, run }) => (
              <Button key={label} size="compact-xs" variant="light" onClick={(event) => (event.stopPropagation(), run())}>
                {label}
              </Button>
            ))}
          </span>
        )}
      </div>
      <Text size="xs" truncate title={place.message}>
        {place.message}
      </Text>
    </div>
  );
}
