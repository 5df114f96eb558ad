/** History, and what belongs to the page around the editor. */
import { does, hosts } from "./action";
import type { Action } from "./action";

export const WORK_ACTIONS: readonly Action[] = [
  does("History", "undo", "Undo", () => ({ kind: "undo" })),
  does("History", "redo", "Redo", () => ({ kind: "redo" })),
  hosts("task.approve", "Submit or accept"),
  hosts("task.return", "Send back"),
  hosts("task.next", "Next task"),
  hosts("note.pin", "Pin a note"),
  hosts("palette.open", "Command palette"),
  hosts("help.open", "Keys"),
];
