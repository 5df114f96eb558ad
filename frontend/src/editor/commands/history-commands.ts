/** Undo and redo: at the place where the change was made, as far back as the server's log goes. */
import type { Edit } from "../core/edit";
import type { Desk } from "./desk";
import type { Doers } from "./doers";

export type HistoryCommand = { readonly kind: "undo" } | { readonly kind: "redo" };

function undo(desk: Desk): void {
  desk.needEditable();
  const last = desk.session.history.lastDone();
  if (last) travelTo(desk, last, () => (desk.session.history.lastDone() === last ? desk.made(desk.session.undo()) : undo(desk)));
  else if (desk.past.isMore) desk.later(desk.past.need().then(() => desk.session.history.lastDone() && undo(desk)));
}

function redo(desk: Desk): void {
  desk.needEditable();
  const last = desk.session.history.lastUndone();
  if (last) travelTo(desk, last, () => (desk.session.history.lastUndone() === last ? desk.made(desk.session.redo()) : redo(desk)));
}

/**
 * A change is only made where it can be seen: the view goes to its frame, and reads it when it must. While it reads,
 * another step may have been taken: `lay` looks again.
 */
function travelTo(desk: Desk, edit: Edit, lay: () => void): void {
  const { t, z } = desk.outlook;
  const here = edit.pixels.length === 0 || edit.pixels.some((p) => p.t === t && p.z === z);
  if (!here) desk.set({ t: edit.pixels[0].t, z: edit.pixels[0].z });
  desk.withFrames(edit.pixels, lay);
}

export const HISTORY_DOERS: Doers<HistoryCommand> = { undo, redo };
