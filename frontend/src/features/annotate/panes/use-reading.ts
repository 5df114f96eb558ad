import { useCallback, useSyncExternalStore } from "react";
import type { Stack } from "@/editor";

/** Share of a stack that is here. */
export function useReading(stack: Stack): number {
  const subscribe = useCallback((listener: () => void) => stack.subscribe(listener), [stack]);
  return useSyncExternalStore(subscribe, () => Math.floor(stack.fraction * 50) / 50);
}
