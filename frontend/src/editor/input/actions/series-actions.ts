/** Over planes and frames. */
import { does } from "./action";
import type { Action } from "./action";

export const SERIES_ACTIONS: readonly Action[] = [
  does("Cells", "cell.copy-next", "Copy to the next frame", () => ({ kind: "cell.copy", by_t: 1 })),
  does("Cells", "cell.copy-previous", "Copy to the previous frame", () => ({ kind: "cell.copy", by_t: -1 })),
  does("Cells", "cell.copy-plane-next", "Copy to the next z plane", () => ({ kind: "cell.copy", by_z: 1 })),
  does("Cells", "cell.copy-plane-previous", "Copy to the previous z plane", () => ({ kind: "cell.copy", by_z: -1 })),
  does("Cells", "cell.interpolate", "Interpolate between planes", () => ({ kind: "cell.interpolate" })),
  does("Cells", "cell.interpolate-frames", "Interpolate between frames", () => ({ kind: "cell.interpolate", along: "t" })),
  does("Cells", "cell.find", "Find the lost cell: segment it where it must be", () => ({ kind: "cell.find" })),
  does("Cells", "cell.propagate", "Propagate to the next frames", () => ({ kind: "cell.propagate" })),
];
