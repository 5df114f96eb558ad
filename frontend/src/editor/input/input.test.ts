// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Command, ToolName } from "../door";
import { NO_DOCUMENT } from "../state";
import type { PointerStory } from "../tools/tool";
import { TOOLS } from "../tools/tools";
import { ACTIONS, commandFor } from "./actions/actions";
import { listenToKeys } from "./keyboard";
import { actionOf, nameOf } from "./keymap";
import { DEFAULT_KEYMAP } from "./keymaps/default";
import { listenToPointers } from "./pointer";
import { listenToWheel } from "./wheel";

const press = (key: string, mods: Partial<Record<"ctrlKey" | "shiftKey" | "altKey" | "metaKey", boolean>> = {}) =>
  ({ key, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...mods });

describe("U8 keys", () => {
  test("names do not depend on where a sign lies on the keyboard", () => {
    expect([nameOf(press("?", { shiftKey: true })), nameOf(press("z", { metaKey: true, shiftKey: true })), nameOf(press(" "))]).toEqual(["?", "Ctrl+Shift+Z", "Space"]);
  });

  test("no key is bound twice, every binding names an action, every action can be reached", () => {
    const keys = DEFAULT_KEYMAP.map((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
    const actions = new Set(ACTIONS.map((action) => action.action));
    expect(DEFAULT_KEYMAP.filter((binding) => !actions.has(binding.action))).toEqual([]);
    const bound = new Set(DEFAULT_KEYMAP.map((binding) => binding.action));
    expect([...actions].filter((action) => !bound.has(action))).toEqual(["channel.auto"]);
  });

  test("the map of the proposal", () => {
    const keys = [["b"], ["e"], ["g"], ["r"], ["n"], ["Backspace"], ["d"], ["a"], ["[", {}], ["z", { ctrlKey: true }], ["3"]] as const;
    expect(keys.map(([key, mods]) => actionOf(DEFAULT_KEYMAP, press(key, mods)))).toEqual([
      "tool.brush", "tool.eraser", "tool.fill", "tool.merge", "cell.new", "cell.delete", "frame.next", "frame.previous", "brush.smaller", "undo", "channel.toggle-3",
    ]);
  });

  test("actions say their command; the host's have none", () => {
    expect(commandFor("undo", NO_DOCUMENT)).toEqual({ kind: "undo" });
    expect(commandFor("cell.swap", NO_DOCUMENT)).toBeNull();
    expect(commandFor("task.next", NO_DOCUMENT)).toBeUndefined();
    expect(commandFor("select.none", { ...NO_DOCUMENT, busy: true })).toEqual({ kind: "gesture.cancel" });
  });
});

describe("keyboard", () => {
  let end = (): void => undefined;
  afterEach(() => end());

  function world() {
    const canvas = document.body.appendChild(document.createElement("canvas"));
    canvas.tabIndex = 0;
    const seen = { tool: "brush" as ToolName, acts: [] as string[], hidden: false, gestures: 0, now: 0 };
    const owner = {
      keymap: () => DEFAULT_KEYMAP, tool: () => seen.tool, setTool: (tool: ToolName) => (seen.tool = tool),
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
    expect(told("merge", ...click)).toEqual(["camera.pan", "cell.merge"]);
    expect(told("delete", ...click)).toEqual(["camera.pan", "cell.delete"]);
    expect(told("pan", ...click)).toEqual(["camera.pan"]);
  });

  test("a drag is no click; Ctrl+click deletes with the select tool and picks with a pen", () => {
    expect(told("fill", story("up", { travelled_px: 30 }))).toEqual([]);
    expect(told("select", story("up", { ctrl: true }))).toEqual(["cell.delete"]);
    expect(told("eraser", story("down", { ctrl: true }))).toEqual(["select.at"]);
    expect(TOOLS.merge.tell(story("up"), { ...around, state: NO_DOCUMENT })[0].kind).toBe("select.at");
  });
});

describe("pointers", () => {
  function world(tool: ToolName = "brush") {
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
      wants: () => ({ right: false, hovers: false }),
    });
    const fire = (type: string, init: Record<string, unknown>): void => {
      const event = new MouseEvent(type, { clientX: 0, clientY: 0, ...init });
      Object.assign(event, { pointerId: 1, pointerType: "mouse", getCoalescedEvents: () => [] }, Object.fromEntries(Object.entries(init).filter(([key]) => key.startsWith("pointer"))));
      canvas.dispatchEvent(event);
    };
    return { fire, stories, commands };
  }

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

  test("wheel zooms at the pointer, with Shift it steps planes by notches", () => {
    const canvas = document.createElement("canvas");
    const commands: Command[] = [];
    listenToWheel(canvas, { toImage: (x, y) => ({ x, y }), dispatch: (c) => commands.push(c), hasPlanes: () => true });
    const wheel = (init: WheelEventInit): boolean => canvas.dispatchEvent(new WheelEvent("wheel", init));
    wheel({ deltaY: -100, clientX: 7, clientY: 8 });
    for (let i = 0; i < 5; i++) wheel({ deltaY: 50, shiftKey: true });
    expect(commands[0]).toMatchObject({ kind: "camera.zoom", at: { x: 7, y: 8 } });
    expect((commands[0] as { factor: number }).factor).toBeGreaterThan(1.2);
    expect(commands.slice(1)).toEqual([{ kind: "frame.step", z: 1 }, { kind: "frame.step", z: 1 }]);
  });
});
