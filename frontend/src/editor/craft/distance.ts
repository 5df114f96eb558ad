/** How deep in a shape each pixel lies (scipy.ndimage.distance_transform_edt). */
import { FAR2, squaredDistances } from "../core/distance";

/** Distance in px of every pixel inside to the nearest pixel that is 0; Infinity where there is none. */
export function distanceInside(mask: Uint8Array, width: number): Float32Array {
  return Float32Array.from(squaredDistances(mask, width, 0), (squared) => (squared >= FAR2 ? Infinity : Math.sqrt(squared)));
}
