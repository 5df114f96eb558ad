/** What a hand on the mouse, a pen or a finger expects; differs between the programs that people come from. */
export interface Habits {
  /**
   * The right button, where the tool has no use of its own for it. `other-pen`: brush and eraser change places, other tools pan by
   * dragging and show the cell's menu by clicking. `draw`: a new cell with the brush, whatever the tool. `menu`: always the menu.
   */
  readonly right: "other-pen" | "draw" | "menu";
  /** Ctrl+click: as the tool has it, or delete the cell with any tool. */
  readonly ctrlClick: "tool" | "delete";
  /** Alt+click: as the tool has it, or merge with the selected cell with any tool. */
  readonly altClick: "tool" | "merge";
  /** Alt+drag with brush or eraser: another size, or erase. */
  readonly altDrag: "resize" | "erase";
  /** The wheel alone: zoom, or planes where there are several. Ctrl+wheel always zooms, Shift+wheel always steps. */
  readonly wheel: "zoom" | "planes";
  /** One finger uses the tool; otherwise it pans, and only pen and mouse draw. Two fingers always pan and zoom. */
  readonly fingerDraws: boolean;
  /** Pressure of a pen sets the width of brush and eraser, from a quarter to the whole. */
  readonly penPressure: boolean;
}

export const DEFAULT_HABITS: Habits = {
  right: "other-pen",
  ctrlClick: "tool",
  altClick: "tool",
  altDrag: "resize",
  wheel: "zoom",
  fingerDraws: true,
  penPressure: false,
};
