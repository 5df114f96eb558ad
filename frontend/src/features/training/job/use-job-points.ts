import { useQuery, useQueryClient } from "@tanstack/react-query";
import { readNews } from "../queries";
import type { Point } from "../types";
import { mergePoints } from "./curves";

const ASK_AGAIN_MS = 5_000;

interface Read {
  points: Point[];
  next: number;
}

/** All that was measured, read on from where the last answer ended; live events ask again sooner than the clock. */
export function useJobPoints(id: string, over: boolean) {
  const queries = useQueryClient();
  const queryKey = ["job-progress", id, "points"];
  return useQuery({
    queryKey,
    queryFn: async (): Promise<Read> => {
      const old = queries.getQueryData<Read>(queryKey) ?? { points: [], next: 0 };
      const news = await readNews(id, old.next);
      return { points: mergePoints(old.points, news.points), next: news.next };
    },
    refetchInterval: over ? false : ASK_AGAIN_MS,
  });
}
