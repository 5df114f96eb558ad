/** How a drawn shape becomes pixels: added to the selected cell or a new one by the write mode, or taken away. */
import type { ToolName } from "@/editor/door";
import { Refused } from "@/editor/core/refused";
import type { Runs } from "@/editor/core/runs";
import type { Desk } from "../desk";

/** The cell that a shape goes to; null: a new one. */
export function targetCell({ outlook: { selected, toolOptions } }: Desk, tool: ToolName): number | null {
  const alone = tool === "point" ? toolOptions.pointsMakeCells : tool !== "wand" && toolOptions.shapesMakeCells;
  return alone ? null : (selected[0] ?? null);
}

/** One edit. */
export function writeShape(desk: Desk, tool: ToolName, runs: Runs, subtract: boolean): void {
  if (runs.length === 0) throw new Refused("The shape holds the middle of no pixel; draw it larger.");
  if (subtract) takeAway(desk, tool, runs);
  else add(desk, tool, runs);
}

function add(desk: Desk, tool: ToolName, runs: Runs): void {
  const frame = desk.needEditable();
  const cell = targetCell(desk, tool) ?? desk.takeId();
  const edit = desk.session.run(tool, (tx) => {
    tx.ensure(cell);
    const written = tx.on(frame.t, frame.z).paintRuns(cell, desk.outlook.toolOptions.writeMode, runs);
    if (written === 0) throw new Refused(`All pixels of the shape are cell ${cell}'s already, lie outside the image, or belong to other cells that the write mode keeps.`);
  });
  desk.set({ selected: [cell] });
  desk.made(edit);
}

function takeAway(desk: Desk, tool: ToolName, runs: Runs): void {
  const frame = desk.needEditable();
  const [cell] = desk.outlook.selected;
  if (cell === undefined) throw new Refused("No cell is selected to take the shape away from; click one first.");
  const edit = desk.session.run(tool, (tx) => {
    if (tx.on(frame.t, frame.z).eraseRuns(cell, runs) === 0) throw new Refused(`The shape does not lie on cell ${cell}.`);
  });
  desk.made(edit);
}
