/** A camera that goes round a box, and rays from it. Plain arithmetic of three numbers. */

export type Vec3 = readonly [number, number, number];

export interface Orbit {
  /** Radians around the vertical axis, and up or down. */
  readonly yaw: number;
  readonly pitch: number;
  /** 1: the whole box is in view however it is turned. */
  readonly zoom: number;
  /** Shift of the middle, in shares of the view. */
  readonly x: number;
  readonly y: number;
}

export const FIRST_ORBIT: Orbit = { yaw: 0.6, pitch: 0.45, zoom: 1.25, x: 0, y: 0 };

const PITCH_MOST = Math.PI / 2 - 0.01;

export const turned = (orbit: Orbit, yaw: number, pitch: number): Orbit => ({
  ...orbit,
  yaw: orbit.yaw + yaw,
  pitch: Math.min(PITCH_MOST, Math.max(-PITCH_MOST, orbit.pitch + pitch)),
});

export const nearer = (orbit: Orbit, factor: number): Orbit => ({ ...orbit, zoom: Math.min(20, Math.max(0.3, orbit.zoom * factor)) });

export const shifted = (orbit: Orbit, x: number, y: number): Orbit => ({ ...orbit, x: orbit.x + x, y: orbit.y + y });

export interface Ray {
  readonly origin: Vec3;
  readonly direction: Vec3;
}

export interface Lens {
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
  /** Half the height of the view, in the box's units; rays are parallel. */
  readonly half: number;
  readonly middle: Vec3;
}

/** Looks at the middle of a box of this size (x, y downwards, z away); rays are parallel, so that sizes can be compared. */
export function lensOf({ yaw, pitch, zoom, x, y }: Orbit, size: Vec3): Lens {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const forward: Vec3 = [sy * cp, sp, cy * cp];
  const right: Vec3 = [cy, 0, -sy];
  const down: Vec3 = [-sy * sp, cp, -cy * sp];
  const half = (0.5 * Math.hypot(...size)) / zoom;
  const at = (i: 0 | 1 | 2): number => size[i] / 2 - right[i] * x * 2 * half - down[i] * y * 2 * half;
  return { right, down, forward, half, middle: [at(0), at(1), at(2)] };
}

/** The ray through a place of the view: u to the right, v downwards, each from -1 to 1 over the height of the view. */
export function rayAt({ right, down, forward, half, middle }: Lens, u: number, v: number): Ray {
  const reach = 4 * half + 1e4;
  const origin = (i: 0 | 1 | 2): number => middle[i] + right[i] * u * half + down[i] * v * half - forward[i] * reach;
  return { origin: [origin(0), origin(1), origin(2)], direction: forward };
}

/**
 * First filled voxel that a ray meets, walking from voxel to voxel (Amanatides & Woo 1987); -1 for none. `size` is the
 * box in its own units, `counts` its voxels along x, y, z.
 */
export function firstHit({ origin, direction }: Ray, size: Vec3, counts: Vec3, filled: (at: number) => boolean): number {
  const [o, d] = [origin.map((n, i) => (n * counts[i]) / size[i]), direction.map((n, i) => (n * counts[i]) / size[i])];
  let [enter, leave] = [0, Infinity];
  for (let i = 0; i < 3; i++) {
    if (Math.abs(d[i]) < 1e-12 && (o[i] < 0 || o[i] > counts[i])) return -1;
    const [a, b] = Math.abs(d[i]) < 1e-12 ? [-Infinity, Infinity] : [(0 - o[i]) / d[i], (counts[i] - o[i]) / d[i]].sort((p, q) => p - q);
    [enter, leave] = [Math.max(enter, a), Math.min(leave, b)];
  }
  if (enter >= leave) return -1;
  const start = o.map((n, i) => n + d[i] * (enter + 1e-6));
  const voxel = start.map((n, i) => Math.min(counts[i] - 1, Math.max(0, Math.floor(n))));
  const next = start.map((n, i) => (d[i] > 0 ? (voxel[i] + 1 - n) / d[i] : d[i] < 0 ? (voxel[i] - n) / d[i] : Infinity));
  while (voxel.every((n, i) => n >= 0 && n < counts[i])) {
    const at = (voxel[2] * counts[1] + voxel[1]) * counts[0] + voxel[0];
    if (filled(at)) return at;
    const axis = next[0] < next[1] ? (next[0] < next[2] ? 0 : 2) : next[1] < next[2] ? 1 : 2;
    voxel[axis] += Math.sign(d[axis]);
    next[axis] += Math.abs(1 / d[axis]);
  }
  return -1;
}
