/** Hands on a volume: drag turns, Shift or the right button shifts, wheel and pinch come nearer, keys do the same. */
import { FIRST_ORBIT, nearer, shifted, turned } from "./orbit";
import type { Orbit } from "./orbit";

export interface OrbitHands {
  readonly orbit: () => Orbit;
  readonly turn: (orbit: Orbit) => void;
  /** A click, u to the right and v downwards, from -1 to 1 over the height. */
  readonly pick: (u: number, v: number) => void;
}

const RADIANS_PER_PX = 0.008;
const KEY_RADIANS = 0.12;
const CLICK_PX = 4;

const KEYS: Readonly<Record<string, (orbit: Orbit) => Orbit>> = {
  ArrowLeft: (o) => turned(o, KEY_RADIANS, 0),
  ArrowRight: (o) => turned(o, -KEY_RADIANS, 0),
  ArrowUp: (o) => turned(o, 0, KEY_RADIANS),
  ArrowDown: (o) => turned(o, 0, -KEY_RADIANS),
  "+": (o) => nearer(o, 1.25),
  "=": (o) => nearer(o, 1.25),
  "-": (o) => nearer(o, 0.8),
  Home: () => FIRST_ORBIT,
};

export function listenToOrbit(canvas: HTMLCanvasElement, hands: OrbitHands): () => void {
  const fingers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  const down = (event: PointerEvent): void => {
    canvas.setPointerCapture(event.pointerId);
    if (fingers.size === 0) travelled = 0;
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  };
  const move = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.offsetX, y: event.offsetY };
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    travelled += Math.hypot(dx, dy);
    fingers.set(event.pointerId, now);
    if (other) hands.turn(nearer(hands.orbit(), distance(now, other) / Math.max(1, distance(before, other))));
    else if (event.shiftKey || (event.buttons & 2) === 2) hands.turn(shifted(hands.orbit(), dx / canvas.clientHeight, dy / canvas.clientHeight));
    else hands.turn(turned(hands.orbit(), -dx * RADIANS_PER_PX, dy * RADIANS_PER_PX));
  };
  const up = (event: PointerEvent): void => {
    const was = fingers.delete(event.pointerId);
    if (was && event.type === "pointerup" && travelled <= CLICK_PX && event.button === 0) hands.pick(...placeOf(canvas, event));
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    hands.turn(nearer(hands.orbit(), Math.exp(-event.deltaY * 0.0015)));
  };
  const key = (event: KeyboardEvent): void => {
    const change = event.ctrlKey || event.altKey || event.metaKey ? undefined : KEYS[event.key];
    if (!change) return;
    event.preventDefault();
    event.stopPropagation();
    hands.turn(change(hands.orbit()));
  };
  const menu = (event: Event): void => event.preventDefault();
  canvas.style.touchAction = "none";
  const heard = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, wheel, keydown: key, contextmenu: menu } as Record<string, (event: never) => void>;
  for (const [name, hear] of Object.entries(heard)) canvas.addEventListener(name, hear as EventListener, { passive: false });
  return () => {
    for (const [name, hear] of Object.entries(heard)) canvas.removeEventListener(name, hear as EventListener);
  };
}

const distance = (a: { x: number; y: number }, b: { x: number; y: number }): number => Math.hypot(a.x - b.x, a.y - b.y);

const placeOf = (canvas: HTMLCanvasElement, event: PointerEvent): [number, number] => {
  const half = canvas.clientHeight / 2;
  return [(event.offsetX - canvas.clientWidth / 2) / half, (event.offsetY - half) / half];
};
