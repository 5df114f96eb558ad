/**
 * The pointer without a mouse. Arrows move it (with Shift in long steps), Space clicks, Shift+Space presses and at the next time
 * releases: in between arrows draw. Enter clicks too while nothing waits to be accepted.
 */
import type { Point } from "../core/geometry";
import type { Command, ToolName } from "../door";
import type { PointerStory } from "../tools/tool";

export interface KeyCursorOwner {
  /** Image px; null: the keys do not point now. */
  readonly cursor: () => Point | null;
  readonly zoom: () => number;
  readonly tool: () => ToolName;
  readonly isDrafting: () => boolean;
  readonly hovers: (tool: ToolName) => boolean;
  readonly tell: (tool: ToolName, story: PointerStory) => void;
  readonly dispatch: (command: Command) => void;
  readonly hover: (at: Point) => void;
}

/** Of one press of an arrow, CSS px; never less than an image pixel. */
const STEP_PX = 4;
const LONG_STEP_PX = 40;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

type Keys = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "repeat">;

export class KeyCursor {
  #pressed: { readonly tool: ToolName; readonly from: Point; way_px: number } | null = null;

  constructor(private readonly owner: KeyCursorOwner) {}

  /** True when the key was meant for the cursor. */
  take(event: Keys): boolean {
    const at = this.owner.cursor();
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return false;
    const arrow = ARROWS[event.key];
    if (arrow) this.#move(arrow, event.shiftKey ? LONG_STEP_PX : STEP_PX);
    else if (event.key === "Escape") return this.#drop();
    else if (!this.#isClick(event)) return false;
    else if (!event.repeat) this.#button(at, event.shiftKey);
    return true;
  }

  #isClick({ key, shiftKey }: Keys): boolean {
    return key === " " || (key === "Enter" && !shiftKey && !this.owner.isDrafting());
  }

  #move([x, y]: readonly [number, number], step_px: number): void {
    const { owner } = this;
    const px = Math.max(1, Math.round(step_px / owner.zoom()));
    owner.dispatch({ kind: "cursor.move", dx: x * px, dy: y * px });
    const at = owner.cursor();
    if (!at) return;
    owner.hover(at);
    if (this.#pressed) {
      this.#pressed.way_px += px * owner.zoom();
      owner.tell(this.#pressed.tool, this.#story("move", at));
    } else if (owner.hovers(owner.tool())) owner.tell(owner.tool(), this.#story("hover", at));
  }

  #button(at: Point, holds: boolean): void {
    if (this.#pressed) return this.#up(at);
    const tool = this.owner.tool();
    this.#pressed = { tool, from: at, way_px: 0 };
    this.owner.tell(tool, this.#story("down", at));
    if (!holds) this.#up(at);
  }

  #up(at: Point): void {
    const tool = this.#pressed?.tool ?? this.owner.tool();
    const story = this.#story("up", at);
    this.#pressed = null;
    this.owner.tell(tool, story);
  }

  #drop(): boolean {
    if (!this.#pressed) return false;
    this.#pressed = null;
    this.owner.dispatch({ kind: "gesture.cancel" });
    return true;
  }

  #story(kind: PointerStory["kind"], at: Point): PointerStory {
    return {
      kind, at, samples: [at], from: this.#pressed?.from ?? at, dx_px: 0, dy_px: 0, travelled_px: this.#pressed?.way_px ?? 0,
      shift: false, ctrl: false, alt: false, clicks: 1, right: false,
    };
  }
}
