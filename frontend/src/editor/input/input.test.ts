// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Command, ToolName } from "../door";
import { NO_DOCUMENT } from "../state";
import type { PointerStory } from "../tools/tool";
import { TOOLS } from "../tools/tools";
import { listenToKeys } from "./keyboard";
import { DEFAULT_HABITS } from "./habits";
import type { Habits } from "./habits";
import { KeyCursor } from "./key-cursor";
import { DEFAULT_KEYMAP } from "./keymaps/default";
import { listenToPointers } from "./pointer";
import { listenToWheel } from "./wheel";

describe("keyboard", () => {
  let end = (): void => undefined;
  afterEach(() => end());

  function world() {
    const canvas = document.body.appendChild(document.createElement("canvas"));
    canvas.tabIndex = 0;
    const seen = { tool: "brush" as ToolName, acts: [] as string[], hidden: false, gestures: 0, now: 0, drafting: false, back: null as ToolName | null };
    const owner = {
      keymap: () => DEFAULT_KEYMAP, tool: () => seen.tool, setTool: (tool: ToolName) => (seen.tool = tool),
      isDrafting: () => seen.drafting, backAfterDraft: (tool: ToolName) => (seen.back = tool), pointed: () => false,
      hideLabels: (hidden: boolean) => (seen.hidden = hidden), gestures: () => seen.gestures, now: () => seen.now,
      act: (action: string) => {
        seen.acts.push(action);
        if (action.startsWith("tool.")) seen.tool = action.slice(5) as ToolName;
        return true;
      },
    };
    end = listenToKeys(window, canvas, owner);
    const fire = (type: string, key: string, code: string, target: EventTarget = canvas): boolean =>
      target.dispatchEvent(new KeyboardEvent(type, { key, code, bubbles: true, cancelable: true }));
    return { seen, fire };
  }

  const LETTERS = DEFAULT_KEYMAP.flatMap(({ action, keys }) => (/^tool\./.test(action) && /^[A-Z]$/.test(keys) && action !== "tool.toggle-eraser" ? [{ action, keys }] : []));

  test.each(LETTERS)("U8 momentary: $action is there while $keys is held", ({ action, keys }) => {
    const { seen, fire } = world();
    seen.tool = "pan";
    fire("keydown", keys.toLowerCase(), `Key${keys}`);
    expect(`tool.${seen.tool}`).toBe(action);
    seen.gestures++;
    fire("keyup", keys.toLowerCase(), `Key${keys}`);
    expect(seen.tool).toBe("pan");
  });

  test("U8 momentary: a gesture of several steps is finished before the tool goes back", () => {
    const { seen, fire } = world();
    fire("keydown", "p", "KeyP");
    seen.gestures++;
    seen.drafting = true;
    fire("keyup", "p", "KeyP");
    expect([seen.tool, seen.back]).toEqual(["polygon", "brush"]);
  });

  test("a tap switches tools, a long press is for a moment", () => {
    const { seen, fire } = world();
    fire("keydown", "g", "KeyG");
    fire("keyup", "g", "KeyG");
    expect(seen.tool).toBe("fill");
    fire("keydown", "e", "KeyE");
    seen.now = 900;
    fire("keyup", "e", "KeyE");
    expect(seen.tool).toBe("fill");
  });

  test("a quick gesture while the key is down is for a moment too; Space pans and hides", () => {
    const { seen, fire } = world();
    fire("keydown", "e", "KeyE");
    seen.gestures++;
    fire("keyup", "e", "KeyE");
    expect(seen.tool).toBe("brush");
    fire("keydown", " ", "Space");
    expect([seen.tool, seen.hidden]).toEqual(["pan", true]);
    fire("keyup", " ", "Space");
    expect([seen.tool, seen.hidden]).toEqual(["brush", false]);
  });

  test("typing in a field is left alone, and so is Tab outside the canvas", () => {
    const { seen, fire } = world();
    const field = document.body.appendChild(document.createElement("input"));
    expect(fire("keydown", "b", "KeyB", field)).toBe(true);
    expect(fire("keydown", "Tab", "Tab", document.body)).toBe(true);
    expect(seen.acts).toEqual([]);
    expect(fire("keydown", "n", "KeyN")).toBe(false);
    expect(seen.acts).toEqual(["cell.new"]);
  });
});

const story = (kind: PointerStory["kind"], more: Partial<PointerStory> = {}): PointerStory => ({
  kind, at: { x: 5, y: 5 }, samples: [{ x: 5, y: 5 }], from: { x: 5, y: 5 }, dx_px: 3, dy_px: 4, travelled_px: 0, shift: false, ctrl: false, alt: false, clicks: 1, right: false, ...more,
});

describe("tools", () => {
  const around = { state: { ...NO_DOCUMENT, selected: [1] }, cellsAt: () => [7] };
  const told = (tool: ToolName, ...stories: PointerStory[]): string[] => stories.flatMap((s) => TOOLS[tool].tell(s, around).map((c) => c.kind));

  test("each tool's story", () => {
    const click = [story("down"), story("move"), story("up")];
    expect(told("brush", ...click)).toEqual(["stroke.begin", "stroke.extend", "stroke.end"]);
    expect(told("select", ...click)).toEqual(["camera.pan", "select.at"]);
    expect(told("fill", ...click)).toEqual(["camera.pan", "fill"]);
    expect(told("merge", ...click)).toEqual(["camera.pan", "cell.merge-at"]);
    expect(told("delete", ...click)).toEqual(["camera.pan", "cell.delete-at"]);
    expect(told("pan", ...click)).toEqual(["camera.pan"]);
  });

  test("pen pressure sets the width, from a quarter of the diameter; without it strokes are as they were", () => {
    const shares = [0, 0.5].map((pressure) => TOOLS.brush.tell(story("move", { pressure }), around)[0]);
    expect(shares.map((command) => (command as { share?: number }).share)).toEqual([0.25, 0.625]);
    expect(TOOLS.eraser.tell(story("down"), around)).toEqual([{ kind: "stroke.begin", with: "eraser", at: { x: 5, y: 5 } }]);
  });

  test("a drag is no click; Ctrl+click deletes with the select tool and picks with a pen", () => {
    expect(told("fill", story("up", { travelled_px: 30 }))).toEqual([]);
    expect(told("select", story("up", { ctrl: true }))).toEqual(["cell.delete"]);
    expect(told("eraser", story("down", { ctrl: true }))).toEqual(["select.at"]);
    expect(told("merge", story("up", { ctrl: true }))).toEqual(["select.at"]);
  });
});

describe("pointers", () => {
  function world(tool: ToolName = "brush", habits: Partial<Habits> = {}) {
    const canvas = document.createElement("canvas");
    canvas.setPointerCapture = vi.fn();
    const stories: string[] = [];
    const commands: Command[] = [];
    listenToPointers(canvas, {
      tool: () => tool,
      toImage: (x, y) => ({ x, y }),
      tell: (name, { kind }) => stories.push(`${name} ${kind}`),
      dispatch: (command) => commands.push(command),
      hover: () => undefined,
      habits: () => ({ ...DEFAULT_HABITS, ...habits }),
      menu: ({ x, y }) => stories.push(`menu ${x},${y}`),
      wants: () => ({ right: false, hovers: false }),
    });
    const fire = (type: string, init: Record<string, unknown>): void => {
      const event = new MouseEvent(type, { clientX: 0, clientY: 0, ...init });
      Object.assign(event, { pointerId: 1, pointerType: "mouse", getCoalescedEvents: () => [] }, Object.fromEntries(Object.entries(init).filter(([key]) => key.startsWith("pointer"))));
      canvas.dispatchEvent(event);
    };
    return { canvas, fire, stories, commands };
  }

  test("the browser makes no gesture of its own from a finger on the picture", () => {
    const touch = new Event("touchstart", { cancelable: true });
    world().canvas.dispatchEvent(touch);
    expect(touch.defaultPrevented).toBe(true);
  });

  test("right button is the pen's other hand, middle button pans, Alt+drag sizes the brush", () => {
    const { fire, stories, commands } = world();
    for (const button of [0, 2, 1]) {
      fire("pointerdown", { button });
      fire("pointerup", { button });
    }
    expect(stories).toEqual(["brush down", "brush up", "eraser down", "eraser up", "pan down", "pan up"]);
    fire("pointerdown", { altKey: true });
    fire("pointermove", { clientX: 120 });
    expect(commands).toEqual([{ kind: "brush.resize", factor: Math.E }]);
  });

  test("a second finger cancels the stroke and moves the camera", () => {
    const { fire, stories, commands } = world();
    fire("pointerdown", { pointerId: 1, pointerType: "touch", clientX: 0 });
    fire("pointerdown", { pointerId: 2, pointerType: "touch", clientX: 100 });
    fire("pointermove", { pointerId: 2, pointerType: "touch", clientX: 200 });
    fire("pointerup", { pointerId: 2, pointerType: "touch", clientX: 200 });
    fire("pointerup", { pointerId: 1, pointerType: "touch" });
    expect(stories).toEqual(["brush down"]);
    expect(commands).toEqual([
      { kind: "gesture.cancel" },
      { kind: "camera.pan", dx_px: 50, dy_px: 0 },
      { kind: "camera.zoom", factor: 2, at: { x: 100, y: 0 } },
    ]);
  });

  const click = (fire: (type: string, init: Record<string, unknown>) => void, init: Record<string, unknown>): void => {
    fire("pointerdown", init);
    fire("pointerup", init);
  };

  test("U8 habits: the right button shows the menu where it does not draw, and pans when it is dragged", () => {
    const { fire, stories } = world("select");
    click(fire, { button: 2, clientX: 3, clientY: 4 });
    fire("pointerdown", { button: 2 });
    fire("pointermove", { clientX: 50 });
    fire("pointerup", { clientX: 50 });
    expect(stories).toEqual(["menu 3,4", "pan move"]);
  });

  test("U8 habits of Cellpose: right draws a new cell, Ctrl+click deletes, Alt+click merges, with any tool", () => {
    const { fire, stories, commands } = world("select", { right: "draw", ctrlClick: "delete", altClick: "merge" });
    click(fire, { button: 2 });
    click(fire, { ctrlKey: true });
    click(fire, { altKey: true });
    expect(stories).toEqual(["brush down", "brush up", "delete down", "delete up", "merge down", "merge up"]);
    expect(commands).toEqual([{ kind: "cell.new" }]);
  });

  test("U8 habits of QuPath: Alt turns the brush around, the right button is the menu with the brush too", () => {
    const { fire, stories } = world("brush", { right: "menu", altDrag: "erase" });
    click(fire, { altKey: true });
    click(fire, { button: 2 });
    expect(stories).toEqual(["eraser down", "eraser up", "menu 0,0"]);
  });

  test("once a pen was seen fingers only pan; a palm that was first gives way to the pen; the barrel button erases", () => {
    const { fire, stories, commands } = world();
    fire("pointerdown", { pointerId: 7, pointerType: "touch" });
    fire("pointerdown", { pointerId: 9, pointerType: "pen" });
    fire("pointerdown", { pointerId: 8, pointerType: "touch" });
    fire("pointerup", { pointerId: 9, pointerType: "pen" });
    fire("pointerup", { pointerId: 8, pointerType: "touch" });
    fire("pointerup", { pointerId: 7, pointerType: "touch" });
    click(fire, { pointerId: 9, pointerType: "pen", button: 2 });
    click(fire, { pointerId: 10, pointerType: "touch" });
    expect(stories).toEqual(["brush down", "brush down", "brush up", "eraser down", "eraser up", "pan down", "pan up"]);
    expect(commands).toEqual([{ kind: "gesture.cancel" }]);
  });

  test("a finger that does not draw chooses and pans", () => {
    const { fire, stories } = world("brush", { fingerDraws: false });
    click(fire, { pointerType: "touch" });
    expect(stories).toEqual(["select down", "select up"]);
  });

  test("wheel zooms at the pointer, with Shift it steps planes by notches", () => {
    const canvas = document.createElement("canvas");
    const commands: Command[] = [];
    listenToWheel(canvas, { toImage: (x, y) => ({ x, y }), dispatch: (c) => commands.push(c), hasPlanes: () => true, habits: () => DEFAULT_HABITS });
    const wheel = (init: WheelEventInit): boolean => canvas.dispatchEvent(new WheelEvent("wheel", init));
    wheel({ deltaY: -100, clientX: 7, clientY: 8 });
    for (let i = 0; i < 5; i++) wheel({ deltaY: 50, shiftKey: true });
    expect(commands[0]).toMatchObject({ kind: "camera.zoom", at: { x: 7, y: 8 } });
    expect((commands[0] as { factor: number }).factor).toBeGreaterThan(1.2);
    expect(commands.slice(1)).toEqual([{ kind: "frame.step", z: 1 }, { kind: "frame.step", z: 1 }]);
  });
});

describe("U8 the cursor that keys move", () => {
  function world(hovers = false) {
    const seen = { cursor: { x: 10.5, y: 10.5 } as { x: number; y: number } | null, drafting: false, stories: [] as string[] };
    const keys = new KeyCursor({
      cursor: () => seen.cursor, zoom: () => 2, tool: () => "brush", isDrafting: () => seen.drafting, hovers: () => hovers, hover: () => undefined,
      tell: (tool, { kind, at, travelled_px }) => seen.stories.push(`${tool} ${kind} ${at.x} ${travelled_px}`),
      dispatch: (command) => {
        if (command.kind === "cursor.move" && seen.cursor) seen.cursor = { x: seen.cursor.x + command.dx, y: seen.cursor.y + command.dy };
        else seen.stories.push(command.kind);
      },
    });
    const press = (key: string, shiftKey = false): boolean => keys.take({ key, shiftKey, ctrlKey: false, metaKey: false, altKey: false, repeat: false });
    return { seen, press };
  }

  test("arrows move by screen steps, Space clicks, Shift+Space holds while arrows draw", () => {
    const { seen, press } = world();
    press("ArrowRight");
    press(" ");
    press(" ", true);
    press("ArrowRight", true);
    press(" ", true);
    expect(seen.stories).toEqual(["brush down 12.5 0", "brush up 12.5 0", "brush down 12.5 0", "brush move 32.5 40", "brush up 32.5 40"]);
  });

  test("Enter clicks while nothing waits to be accepted; Esc lifts the pen and drops the stroke; other keys pass", () => {
    const { seen, press } = world(true);
    expect([press("Enter"), press("b"), press("Escape")]).toEqual([true, false, false]);
    seen.drafting = true;
    expect(press("Enter")).toBe(false);
    press("ArrowUp");
    press(" ", true);
    expect(press("Escape")).toBe(true);
    expect(seen.stories.slice(2)).toEqual(["brush hover 10.5 0", "brush down 10.5 0", "gesture.cancel"]);
    seen.cursor = null;
    expect(press("ArrowUp")).toBe(false);
  });
});
