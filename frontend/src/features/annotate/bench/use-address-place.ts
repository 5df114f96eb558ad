import { useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { Editor, EditorState } from "@/editor";
import { useSetQuery } from "@/ui/use-address";
import { parsePlace, writePlace, type Place } from "../place/place";

const IDLE_MS = 400;

/** Where the address says to begin; read once for each image. */
export function usePlaceAtStart(image: string): Place {
  const search: Record<string, unknown> = useSearch({ strict: false });
  const [start, setStart] = useState({ image, place: parsePlace(search) });
  if (start.image !== image) setStart({ image, place: parsePlace(search) });
  return start.place;
}

/** Keeps the address bar at what is on the screen, so that the link in it opens the same picture elsewhere. */
export function useAddressFollows(editor: Editor | null): void {
  const setQuery = useSetQuery();
  const written = useRef("");
  useEffect(() => {
    if (!editor) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = () => {
      const state = editor.state();
      if (!state.document) return;
      const { t, z, at, ch, cell, ov, cross } = writePlace(placeOf(state));
      const text = JSON.stringify([t, z, at, ch, cell, ov, cross]);
      if (text === written.current) return;
      written.current = text;
      setQuery({ t, z, at, ch, cell, ov, cross });
    };
    const leave = editor.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(write, IDLE_MS);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [editor, setQuery]);
}

function placeOf(state: EditorState): Place {
  return { t: state.t, z: state.z, camera: state.camera, channels: state.channels, cells: state.selected, overlay: state.overlay, crosshair: state.place.crosshair };
}
