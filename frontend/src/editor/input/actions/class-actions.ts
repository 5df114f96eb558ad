/** Classes by digit, for the selected cells or the one under the pointer. */
import type { Command, EditorState } from "@/editor/door";
import type { ClassInfo } from "@/editor/host";
import { does } from "./action";
import type { Action } from "./action";

const meant = ({ selected, hover }: EditorState): readonly number[] => (selected.length > 0 ? selected : (hover?.cells.slice(0, 1) ?? []));

/** The class of a digit: as the classes say themselves, else by their order. */
export const classOfDigit = <Class extends ClassInfo>(classes: readonly Class[], digit: number): Class | undefined =>
  classes.find((one, at) => !one.archived && (one.digit === undefined ? at + 1 : one.digit) === digit);

/** Null: there is no such class, or no cell is meant. */
const assign = (n: number) => (state: EditorState): Command | null => {
  const chosen = n === 0 ? null : classOfDigit(state.document?.classes ?? [], n)?.id;
  const cells = meant(state);
  return chosen === undefined || cells.length === 0 ? null : { kind: "cell.class", cells, class: chosen };
};

export const CLASS_ACTIONS: readonly Action[] = [
  does("Cells", "class.none", "No class", assign(0)),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => does("Cells", `class.assign-${n}`, `Class ${n}`, assign(n))),
];
