/** Pointer, wheel and keys over one picture: what they do becomes commands. */
import type { Command, EditorOptions, EditorState, Keymap, ToolName } from "./door";
import type { Point } from "./core/geometry";
import { DEFAULT_HABITS } from "./input/habits";
import type { Habits } from "./input/habits";
import { KeyCursor } from "./input/key-cursor";
import { DEFAULT_KEYMAP } from "./input/keymaps/default";
import { listenToKeys } from "./input/keyboard";
import { listenToPointers } from "./input/pointer";
import { listenToWheel } from "./input/wheel";
import type { Outlook } from "./commands/desk";
import type { PointerStory } from "./tools/tool";
import { TOOLS } from "./tools/tools";

/** What hands need of the editor. */
export interface Handled {
  state(): EditorState;
  toImage(client_x: number, client_y: number): Point;
  pick(x: number, y: number): readonly number[];
  dispatch(command: Command): void;
  /** False when no command belongs to it: then the host hears of it. */
  act(action: string): boolean;
  setTool(tool: ToolName): void;
  hideLabels(hidden: boolean): void;
  hover(at: Point | null): void;
  hasPlanes(): boolean;
}

export class Hands {
  keymap: Keymap;
  habits: Habits;
  /** The tool to go back to when the gesture of a momentary one is done. */
  #back: ToolName | null = null;
  #gestures = 0;
  readonly #unbind: readonly (() => void)[];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly options: EditorOptions,
    private readonly editor: Handled,
  ) {
    this.keymap = options.keymap ?? DEFAULT_KEYMAP;
    this.habits = options.habits ?? DEFAULT_HABITS;
    canvas.tabIndex = canvas.tabIndex < 0 ? 0 : canvas.tabIndex;
    canvas.style.touchAction = "none";
    this.#unbind = [this.#listenToPointers(), this.#listenToWheel(), this.#listenToKeys()];
  }

  /** A tool held for a moment goes when its draft is done; one chosen meanwhile stays. */
  goBack(before: Outlook, after: Outlook): void {
    const back = this.#back;
    if (back === null || (before.draft === after.draft && before.tool === after.tool) || (after.draft !== null && before.tool === after.tool)) return;
    this.#back = null;
    if (before.tool === after.tool) this.editor.setTool(back);
  }

  destroy(): void {
    for (const unbind of this.#unbind) unbind();
  }

  readonly #tool = (): ToolName => this.editor.state().tool;
  readonly #isDrafting = (): boolean => this.editor.state().draft !== null;
  readonly #dispatch = (command: Command): void => this.editor.dispatch(command);
  readonly #toImage = (x: number, y: number): Point => this.editor.toImage(x, y);
  readonly #hover = (at: Point | null): void => this.editor.hover(at);
  readonly #tell = (name: ToolName, story: PointerStory): void => {
    if (story.kind === "down") this.#gestures++;
    this.editor.hideLabels(false);
    const cellsAt = (point: Point): readonly number[] => this.editor.pick(point.x, point.y);
    for (const command of TOOLS[name].tell(story, { state: this.editor.state(), cellsAt })) this.editor.dispatch(command);
  };

  #listenToPointers(): () => void {
    return listenToPointers(this.canvas, {
      tool: this.#tool, toImage: this.#toImage, dispatch: this.#dispatch, tell: this.#tell, hover: this.#hover,
      habits: () => this.habits,
      wants: (name) => ({ right: TOOLS[name].right ?? false, hovers: TOOLS[name].hovers ?? false }),
      menu: (at) => {
        const { x, y } = this.editor.toImage(at.x, at.y);
        this.options.onMenu?.(at, this.editor.pick(x, y));
      },
    });
  }

  #listenToWheel(): () => void {
    return listenToWheel(this.canvas, { toImage: this.#toImage, dispatch: this.#dispatch, habits: () => this.habits, hasPlanes: () => this.editor.hasPlanes() });
  }

  #listenToKeys(): () => void {
    const cursor = new KeyCursor({
      tool: this.#tool, isDrafting: this.#isDrafting, dispatch: this.#dispatch, tell: this.#tell, hover: this.#hover,
      cursor: () => this.editor.state().cursor,
      zoom: () => this.editor.state().camera.zoom,
      hovers: (name) => TOOLS[name].hovers ?? false,
    });
    return listenToKeys(this.options.keyTarget ?? this.canvas, this.canvas, {
      tool: this.#tool, isDrafting: this.#isDrafting,
      keymap: () => this.keymap,
      setTool: (name) => this.editor.setTool(name),
      hideLabels: (hidden) => this.editor.hideLabels(hidden),
      gestures: () => this.#gestures,
      act: (action) => this.editor.act(action) || this.#pass(action),
      backAfterDraft: (tool) => (this.#back = tool),
      pointed: (event) => cursor.take(event),
      now: (event) => event?.timeStamp ?? performance.now(),
    });
  }

  #pass(action: string): boolean {
    this.options.onAction?.(action);
    return true;
  }
}
