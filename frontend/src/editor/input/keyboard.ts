/**
 * Keys to actions. Tool keys held down are momentary: the tool is there while the key is, or until the gesture that it began is done.
 */
import type { Keymap, ToolName } from "../door";
import { actionOf } from "./keymap";

/** A key released sooner was pressed to switch tools, later to use one for a moment. ms */
const MOMENT_MS = 280;

export interface KeyboardOwner {
  readonly keymap: () => Keymap;
  readonly tool: () => ToolName;
  readonly setTool: (tool: ToolName) => void;
  /** The pan key also hides the labels while it rests. */
  readonly hideLabels: (hidden: boolean) => void;
  /** How many gestures have begun so far. */
  readonly gestures: () => number;
  readonly act: (action: string) => boolean;
  /** A gesture of several steps is under way. */
  readonly isDrafting: () => boolean;
  /** Goes back to this tool when that gesture is done. */
  readonly backAfterDraft: (tool: ToolName) => void;
  /** The cursor that keys move; true when it took the key. */
  readonly pointed: (event: KeyboardEvent) => boolean;
  /** When a key was pressed, not when a busy page came to hear of it. ms */
  readonly now: (event?: Event) => number;
}

interface Held {
  readonly key: string;
  readonly back: ToolName;
  readonly since: number;
  readonly gestures: number;
}

export function listenToKeys(target: HTMLElement | Window, canvas: HTMLElement, owner: KeyboardOwner): () => void {
  let held: Held | null = null;

  const down = (event: Event): void => {
    if (!(event instanceof KeyboardEvent) || isTyping(event.target)) return;
    if (!pressesButton(event) && owner.pointed(event)) return event.preventDefault();
    const action = actionOf(owner.keymap(), event);
    if (action === undefined || (event.key === "Tab" && event.target !== canvas) || pressesButton(event)) return;
    event.preventDefault();
    if (!action.startsWith("tool.")) owner.act(action);
    else if (!event.repeat) hold(event, action);
  };

  const hold = (event: KeyboardEvent, action: string): void => {
    const back = owner.tool();
    held ??= { key: event.code, back, since: owner.now(event), gestures: owner.gestures() };
    if (action === "tool.pan") owner.hideLabels(true);
    owner.act(action);
  };

  const up = (event: Event): void => {
    if (event instanceof KeyboardEvent && event.code === held?.key) release(event);
  };

  const release = (event?: Event): void => {
    if (!held) return;
    const used = owner.gestures() > held.gestures || owner.now(event) - held.since > MOMENT_MS;
    owner.hideLabels(false);
    const goesBack = used || (held.key === "Space" && owner.tool() === "pan");
    if (goesBack && owner.isDrafting()) owner.backAfterDraft(held.back);
    else if (goesBack) owner.setTool(held.back);
    held = null;
  };

  target.addEventListener("keydown", down);
  target.addEventListener("keyup", up);
  window.addEventListener("blur", release);
  return () => {
    target.removeEventListener("keydown", down);
    target.removeEventListener("keyup", up);
    window.removeEventListener("blur", release);
  };
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const isField = target instanceof HTMLInputElement && !["button", "checkbox", "radio", "range"].includes(target.type);
  return isField || target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) || target.closest("[role=dialog]") !== null;
}

/** Space on a focused button presses it; arrows on a slider move it. With Ctrl they are nobody's but ours. */
function pressesButton(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement) || event.ctrlKey || event.metaKey) return false;
  const keys = /^( |Enter|Arrow.*|Home)$/;
  return keys.test(event.key) && target.closest("button, a, input, [role=slider], [role=tab], [role=menuitem], [role=option], [role=radio]") !== null;
}
