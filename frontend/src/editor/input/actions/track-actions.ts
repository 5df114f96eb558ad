/** Tracks: which cell of one frame is which of another. */
import type { Command, EditorState, Scope } from "@/editor/door";
import { does } from "./action";
import type { Action } from "./action";

const swap = ({ selected: [a, b] }: EditorState): Command | null =>
  a === undefined || b === undefined ? null : { kind: "track.swap", a, b };

const merge = ({ selected: [into, ...from] }: EditorState): Command | null =>
  from.length === 0 ? null : { kind: "track.merge", into, from };

const divide = ({ selected: [mother, ...daughters] }: EditorState): Command | null =>
  mother === undefined ? null : { kind: "track.divide", mother, daughters };

const fuse = ({ selected }: EditorState): Command | null =>
  selected.length < 2 ? null : { kind: "track.fuse", cells: selected.slice(0, -1), into: selected[selected.length - 1] };

const reassigns = (scope: Scope, where: string): Action =>
  does("Tracks", `track.new-${scope}`, `New number ${where}`, () => ({ kind: "track.reassign", to: "new", scope }));

export const TRACK_ACTIONS: readonly Action[] = [
  does("Tracks", "tool.link", "Link: choose a cell, then click it in a later frame", () => ({ kind: "tool", tool: "link" })),
  does("Tracks", "tool.divide", "Divide: choose the mother, then click her daughters", () => ({ kind: "tool", tool: "divide" })),
  does("Tracks", "tool.follow", "Follow: click one cell forward, the frame goes on by itself", () => ({ kind: "tool", tool: "follow" })),
  does("Tracks", "track.link", "Link to the cell of the frame before", () => ({ kind: "track.link" })),
  does("Tracks", "track.unlink", "Unlink: a new cell from this frame on", () => ({ kind: "track.unlink" })),
  does("Tracks", "track.swap", "Swap the two selected cells from this frame on", swap),
  does("Tracks", "track.divide", "Divide: the first selected cell is the mother of the others", divide),
  does("Tracks", "track.remove-mother", "Remove the mother", () => ({ kind: "track.remove-mother" })),
  does("Tracks", "track.merge", "Merge the selected tracks", merge),
  does("Tracks", "track.insert", "Insert the lost cell, copied from an earlier frame", () => ({ kind: "track.insert" })),
  does("Tracks", "track.fuse", "Fusion: the last selected cell takes up the others", fuse),
  does("Tracks", "track.death", "Ends by death", () => ({ kind: "track.ending", ending: "death" })),
  does("Tracks", "track.leaves", "Leaves the picture", () => ({ kind: "track.ending", ending: "leaves" })),
  does("Tracks", "track.no-ending", "Ending unknown", () => ({ kind: "track.ending", ending: null })),
  reassigns("frame", "in this frame alone"),
  reassigns("past", "up to this frame"),
  reassigns("everywhere", "in all frames"),
];
