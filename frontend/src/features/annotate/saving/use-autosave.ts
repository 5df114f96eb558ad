import { useEffect, useSyncExternalStore } from "react";
import type { Autosave, SaveState } from "./autosave";

const NOTHING: SaveState = { kind: "saved", at: null };

export function useSaveState(autosave: Autosave | null): SaveState {
  return useSyncExternalStore(
    (listener) => autosave?.subscribe(listener) ?? (() => undefined),
    () => autosave?.state() ?? NOTHING,
  );
}

/** Sends what is left when the page is hidden or closed, warns while something is unsent, retries when the network is back. */
export function useLeaveGuard(autosave: Autosave | null): void {
  useEffect(() => {
    if (!autosave) return;
    const leave = () => void autosave.leave();
    const hide = () => document.visibilityState === "hidden" && leave();
    const warn = (event: BeforeUnloadEvent) => {
      if (autosave.state().kind !== "saved") event.preventDefault();
    };
    const retry = () => autosave.retryNow();
    window.addEventListener("pagehide", leave);
    window.addEventListener("beforeunload", warn);
    window.addEventListener("online", retry);
    document.addEventListener("visibilitychange", hide);
    return () => {
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("beforeunload", warn);
      window.removeEventListener("online", retry);
      document.removeEventListener("visibilitychange", hide);
    };
  }, [autosave]);
}
