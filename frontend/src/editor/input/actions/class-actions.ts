/** Classes by digit, for the selected cells or the one under the pointer. */
import type { Command, EditorState } from "@/editor/door";
import { does } from "./action";
import type { Action } from "./action";

const meant = ({ selected, hover }: EditorState): readonly number[] => (selected.length > 0 ? selected : (hover?.cells.slice(0, 1) ?? []));

/** Null: there is no such class, or no cell is meant. */
const assign = (n: number) => (state: EditorState): Command | null => {
  const chosen = n === 0 ? null : state.document?.classes[n - 1]?.id;
  const cells = meant(state);
  return chosen === undefined || cells.length === 0 ? null : { kind: "cell.facts", cells, facts: { class: chosen } };
};

export const CLASS_ACTIONS: readonly Action[] = [
  does("Cells", "class.none", "No class", assign(0)),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => does("Cells", `class.assign-${n}`, `Class ${n}`, assign(n))),
];
