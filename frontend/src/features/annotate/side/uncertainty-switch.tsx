import { Switch } from "@mantine/core";
import { useRef } from "react";
import type { ColourBy } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";

/** A layer over the image that a model predicted: cells from sure to unsure, filled. Offered where any cell carries a predicted quality. */
export function UncertaintySwitch({ arePredicted }: { arePredicted: boolean }) {
  const editor = useEditor();
  const overlay = useEditorState((state) => state.overlay);
  const before = useRef<{ colourBy: ColourBy; fillOpacity: number }>({ colourBy: "cell", fillOpacity: overlay.fillOpacity });
  if (!arePredicted) return null;
  const shown = overlay.visible && overlay.colourBy === "quality";
  const set = (on: boolean) => {
    if (on) {
      before.current = { colourBy: overlay.colourBy, fillOpacity: overlay.fillOpacity };
      editor.dispatch({ kind: "overlay.set", overlay: { visible: true, colourBy: "quality", fillOpacity: Math.max(overlay.fillOpacity, 0.55) } });
    } else {
      const { colourBy, fillOpacity } = before.current;
      editor.dispatch({ kind: "overlay.set", overlay: { colourBy: colourBy === "quality" ? "cell" : colourBy, fillOpacity } });
    }
  };
  return <Switch size="xs" label="Show how unsure the model is" description="Each cell by its predicted quality; the least sure stand out." checked={shown} onChange={(event) => set(event.currentTarget.checked)} m={8} />;
}
