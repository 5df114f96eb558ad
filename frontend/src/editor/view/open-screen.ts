/** The view that this browser can have. */
import type { Graphics } from "../door";
import type { Scene } from "./scene";
import { Renderer } from "./renderer";
import type { Screen } from "./screen";
import { SoftwareScreen } from "./software/software-screen";

export interface ScreenOptions {
  readonly graphics: Graphics;
  /** Null while there is nothing to draw. */
  readonly scene: () => Scene | null;
  readonly pixelBytes: number;
  readonly onError: (error: unknown) => void;
}

/** WebGL2 where there is any, plain code where there is none or where it is asked for. A canvas keeps its kind for life. */
export function openScreen(canvas: HTMLCanvasElement, { graphics, scene, pixelBytes, onError }: ScreenOptions): Screen {
  if (graphics === "software" || !offersWebgl()) return new SoftwareScreen(canvas, scene, onError);
  return new Renderer(canvas, scene, pixelBytes, onError);
}

/** Asked of a canvas of its own: the answer must not decide what the real one becomes. */
function offersWebgl(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
