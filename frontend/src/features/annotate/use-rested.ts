import { useEffect, useState } from "react";

/** The value once it has not changed for a moment: for what may wait until the hand rests. */
export function useRested<T>(value: T, rest_ms: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), rest_ms);
    return () => clearTimeout(timer);
  }, [value, rest_ms]);
  return rested;
}
