/** Which frames a change reaches. */

export type TimeScope = "frame" | "past" | "future" | "everywhere";

interface FrameAt {
  readonly t: number;
  readonly z: number;
}

/** Past and future have the present in them. A stack that is no movie goes by planes instead of frames. */
export function isInScope(scope: TimeScope, here: FrameAt, at: FrameAt, size_t: number): boolean {
  const [now, then] = size_t > 1 ? [here.t, at.t] : [here.z, at.z];
  if (scope === "frame") return at.t === here.t && at.z === here.z;
  if (scope === "past") return then <= now;
  return scope === "everywhere" || then >= now;
}
