/** The editor alone on a page, on a synthetic slide: `editor-bench.html?edge=2048&spacing=64&channels=2`. */
import { createEditor } from "@/editor";
import type { Editor } from "@/editor";
import { syntheticDocument } from "./synthetic";

declare global {
  interface Window {
    editor: Editor;
    /** Milliseconds from `load` to the first picture with labels. */
    firstPicture: Promise<number>;
  }
}

const asked = new URLSearchParams(location.search);
const number = (name: string, otherwise: number): number => Number(asked.get(name) ?? otherwise);

const canvas = document.querySelector("canvas");
if (!canvas) throw new Error("no canvas");
const editor = createEditor(canvas, { keyTarget: window });
const slide = await syntheticDocument({
  edge_px: number("edge", 2048),
  channels: number("channels", 2),
  frames: number("frames", 3),
  spacing_px: number("spacing", 64),
  delay_ms: number("delay", 0),
});
const start = performance.now();
editor.load(slide);
window.editor = editor;
window.firstPicture = editor.settled().then(() => performance.now() - start);
