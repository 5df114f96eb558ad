import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { tellNews } from "./live-news";
import { LiveEvents, type LiveState } from "./live";

/** Keeps the query cache fresh while a project is open; answers how the line to the server is. */
export function useLiveEvents(project: string): LiveState {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => {
    const live = new LiveEvents({
      open: () => new EventSource(`/api/v1/events/?project=${project}`),
      onStale: (words) => words.forEach((word) => void queries.invalidateQueries({ queryKey: [word] })),
      onEvent: tellNews,
      onState: setState,
    });
    const network = () => live.setOnline(navigator.onLine);
    live.start();
    window.addEventListener("online", network);
    window.addEventListener("offline", network);
    return () => {
      live.stop();
      window.removeEventListener("online", network);
      window.removeEventListener("offline", network);
    };
  }, [project, queries]);
  return state;
}
