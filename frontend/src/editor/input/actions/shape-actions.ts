/** Drawn shapes. */
import type { Command, EditorState } from "@/editor/door";
import { does, tool } from "./action";
import type { Action } from "./action";

/** While a shape is drawn point by point, the key that deletes takes the last point back. */
export function takesBack({ draft }: EditorState): Command | null {
  if (draft?.tool === "polygon") return { kind: "outline.remove" };
  return draft?.tool === "magnetic" ? { kind: "magnet.back" } : null;
}

export const SHAPE_ACTIONS: readonly Action[] = [
  tool("polygon", "Polygon"),
  tool("lasso", "Lasso"),
  tool("magnetic", "Magnetic lasso"),
  tool("box", "Box"),
  tool("ellipse", "Ellipse"),
  tool("point", "Point"),
  does("Cells", "cell.edit-outline", "Edit the outline of the selected cell as a polygon", () => ({ kind: "outline.edit" })),
];
