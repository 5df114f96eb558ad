import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { notesQuery } from "../queries";
import type { Note } from "../types";
import { Pins, type Pin } from "./pins";

/** A reviewer's open notes on the picture. */
export function NotePins({ task }: { task: string | undefined }) {
  const notes = useQuery({ ...notesQuery(task ?? ""), enabled: task !== undefined }).data;
  const pins = useMemo(() => pinsOf(notes ?? []), [notes]);
  return pins.length > 0 ? <Pins pins={pins} /> : null;
}

/** Open notes that name a place; a note on a whole frame has none. */
export function pinsOf(notes: readonly Note[]): Pin[] {
  return notes.flatMap(({ id, t, z, y, x, resolved_at }) => (y === null || x === null || resolved_at ? [] : [{ key: id, t, z, y, x, label: "!" }]));
}
