/** How deep in a shape each pixel lies (scipy.ndimage.distance_transform_edt). */
import { FAR2, squaredDistances } from "../core/distance";

/** Distance in px of every pixel inside to the nearest pixel that is 0; Infinity where there is none. */
export function distanceInside(mask: Uint8Array, width: number): Float32Array {
  const squared = squaredDistances(mask, width, 0);
  const distance = new Float32Array(squared.length);
  for (let i = 0; i < distance.length; i++) distance[i] = squared[i] >= FAR2 ? Infinity : Math.sqrt(squared[i]);
  return distance;
}
