import type { Editor, Point } from "@/editor";

const WAIT_MS = 4_000;

/** Frame and cells; the picture moves only when the place is out of sight. Where it is not known, by where the cell turns out to be. */
export function goTo(editor: Editor, t: number, cells: readonly number[], at?: Point & { readonly z?: number }): void {
  const z = at?.z;
  if (editor.state().t !== t || (z !== undefined && editor.state().z !== z)) editor.dispatch({ kind: "frame.go", t, ...(z !== undefined && { z }) });
  editor.dispatch({ kind: "select", cells });
  if (at) return centreOn(editor, at);
  const [cell] = cells;
  if (cell === undefined || look(editor, t, cell)) return;
  const stop = editor.subscribe(() => look(editor, t, cell) && leave());
  const timer = setTimeout(() => leave(), WAIT_MS);
  const leave = () => {
    clearTimeout(timer);
    stop();
  };
}

/** True when there is nothing more to wait for. */
function look(editor: Editor, t: number, cell: number): boolean {
  if (editor.state().t !== t) return true;
  const measure = editor.measure(cell);
  if (measure) centreOn(editor, { x: measure.centroid_x, y: measure.centroid_y });
  return measure !== null;
}

function centreOn(editor: Editor, at: Point): void {
  const box = document.querySelector("canvas[data-picture]")?.getBoundingClientRect();
  const { camera } = editor.state();
  if (!box) return;
  const off = (away: number, side: number) => Math.abs(away) * camera.zoom > 0.42 * side;
  if (off(at.x - camera.x, box.width) || off(at.y - camera.y, box.height)) editor.dispatch({ kind: "camera.set", camera: { x: at.x, y: at.y } });
}
