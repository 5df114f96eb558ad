/** The wheel: zoom at the pointer; with Shift (or where hands are used to it) through z; Ctrl and a pinch on a touchpad zoom finely. */
import type { Command } from "../door";
import type { Point } from "../core/geometry";
import type { Habits } from "./habits";

export interface WheelOwner {
  readonly toImage: (client_x: number, client_y: number) => Point;
  readonly dispatch: (command: Command) => void;
  /** Wheel with Shift steps planes, or frames when there is one plane only. */
  readonly hasPlanes: () => boolean;
  readonly habits: () => Habits;
}

/** A notch of a common mouse wheel, CSS px. */
const NOTCH_PX = 100;
const LINE_PX = 33;

export function listenToWheel(canvas: HTMLCanvasElement, owner: WheelOwner): () => void {
  let rest = 0;

  const hear = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    const turned = (Math.abs(event.deltaY) >= Math.abs(event.deltaX) ? event.deltaY : event.deltaX) * unit;
    const stepsPlanes = owner.habits().wheel === "planes" && owner.hasPlanes() && !event.ctrlKey;
    if (event.shiftKey || stepsPlanes) step(turned);
    else zoom(event, turned);
  };

  const zoom = (event: WheelEvent, turned: number): void => {
    const strength = event.ctrlKey ? 0.012 : 0.0022;
    owner.dispatch({ kind: "camera.zoom", factor: Math.exp(-turned * strength), at: owner.toImage(event.clientX, event.clientY) });
  };

  const step = (turned: number): void => {
    rest += turned / NOTCH_PX;
    const whole = Math.trunc(rest);
    rest -= whole;
    if (whole !== 0) owner.dispatch(owner.hasPlanes() ? { kind: "frame.step", z: whole } : { kind: "frame.step", t: whole });
  };

  canvas.addEventListener("wheel", hear, { passive: false });
  return () => canvas.removeEventListener("wheel", hear);
}
