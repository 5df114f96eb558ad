/** History, and what belongs to the page around the editor. */
import { does, hosts } from "./action";
import type { Action } from "./action";

export const WORK_ACTIONS: readonly Action[] = [
  does("History", "undo", "Undo", () => ({ kind: "undo" })),
  does("History", "redo", "Redo", () => ({ kind: "redo" })),
  hosts("replay.open", "Replay: the edits one after the other", "History"),
  hosts("task.approve", "Submit or accept"),
  hosts("task.return", "Send back"),
  hosts("task.requeue", "Put back into the queue"),
  hosts("task.fix", "Fix it yourself, then accept"),
  hosts("task.next", "Next task"),
  hosts("image.next", "Next image, or next task"),
  hosts("image.previous", "Previous image"),
  hosts("note.pin", "Pin a note"),
  hosts("palette.open", "Command palette"),
  hosts("help.open", "Keys: show the present map"),
  hosts("taste.open", "Keys, mouse and pen: choose and change"),
  hosts("classes.mode", "Class keys: digits say the class, on or off", "Cells"),
  hosts("cell.menu", "Menu of the selected cell", "Cells"),
  hosts("contrast.open", "Contrast of the first channel shown", "Channels"),
  hosts("pane.linked", "One more linked pane", "View"),
  hosts("pane.ortho", "Orthogonal views: xy, xz, yz", "View"),
  hosts("pane.volume", "Masks in 3D", "View"),
  hosts("lineage.toggle", "Tracks: lineage tree and timeline, on or off", "View"),
  hosts("place.next", "Next proposed repair or alert", "Tracks"),
  hosts("place.previous", "Previous proposed repair or alert", "Tracks"),
  hosts("place.repair", "Do the proposed repair", "Tracks"),
  hosts("side.toggle", "Lists beside the picture, on or off", "View"),
];
