import { useRef, type KeyboardEvent, type PointerEvent } from "react";

const LEAST_PX = 120;
/** The picture keeps this much of the window. */
const MOST_SHARE = 0.7;
const STEP_PX = 24;

const clampHeight = (height: number): number => Math.round(Math.min(Math.max(height, LEAST_PX), MOST_SHARE * window.innerHeight));

/** What a separator needs to make the panel higher and lower, by pointer and by keys. */
export function useHeightHandle(height: number, set: (height: number) => void) {
  const from = useRef<{ y: number; height: number } | null>(null);
  const stop = () => {
    from.current = null;
  };
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = { y: event.clientY, height };
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (from.current) set(clampHeight(from.current.height + from.current.y - event.clientY));
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onKeyDown: (event: KeyboardEvent) => {
      const by = { ArrowUp: STEP_PX, ArrowDown: -STEP_PX }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      set(clampHeight(height + by));
    },
  };
}
