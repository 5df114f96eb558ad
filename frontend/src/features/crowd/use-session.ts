import { useEffect, useState, useSyncExternalStore } from "react";
import { httpDoors } from "./http-doors";
import { memoryOf } from "./memory";
import { CrowdSession, type SessionState } from "./session";

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const around = {
  now: () => Date.now(),
  later(run: () => void, ms: number) {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
};

/** The worker's session of a link; it hears when the network returns and when the page is looked at. */
export function useSession(token: string): [CrowdSession, SessionState] {
  const [session] = useState(() => new CrowdSession(httpDoors(token), memoryOf(token, storage()), around));
  const state = useSyncExternalStore(session.subscribe, session.state);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    window.addEventListener("online", () => session.retry(), { signal });
    document.addEventListener("visibilitychange", () => session.looked(document.visibilityState === "visible"), { signal });
    void session.open();
    return () => {
      stop.abort();
      session.close();
    };
  }, [session]);
  return [session, state];
}
