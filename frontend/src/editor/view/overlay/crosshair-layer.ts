/** Where the pointer of a linked pane is, or where three planes meet. */
import { strokeTwice } from "./ink";
import { onCanvas } from "./overlay-scene";
import type { Layer } from "./overlay-scene";

const ARM_PX = 11;
const GAP_PX = 4;
const PLANES = "rgb(255 225 77 / 85%)";

export const drawCrosshair: Layer = (context, { crosshair, size, ...scene }) => {
  if (!crosshair) return false;
  const { x, y } = onCanvas({ ...scene, size, crosshair }, crosshair.at);
  const whole = crosshair.kind === "planes";
  const [gap, arm] = whole ? [ARM_PX, Math.max(size.width, size.height)] : [GAP_PX, ARM_PX];
  const path = new Path2D();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
    path.moveTo(x + dx * gap, y + dy * gap);
    path.lineTo(x + dx * arm, y + dy * arm);
  }
  if (!whole) strokeTwice(context, path, 1);
  else {
    context.strokeStyle = PLANES;
    context.lineWidth = 1;
    context.stroke(path);
  }
  return true;
};
