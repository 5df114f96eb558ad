import { useEffect } from "react";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { branchQuery, imageQuery, pixelsQuery, taskQuery } from "../queries";
import type { Image, Task } from "../types";
import { useEditor } from "../use-editor";
import { readFrame } from "./labels";
import type { Pixels } from "./pixels";
import { isReadByRegions } from "./regions";

/** A picture that has been open so long is looked at or worked on; what comes after it can be fetched, ms. */
const AFTER_MS = 1_500;
/** About as many pixels as a first view shows, and not more tiles than a few. */
const VIEW_PX = 2_048;
const MOST_TILES = 32;

/** While a person works on one task, brings the next one nearer: facts, metadata, first tiles, labels. It is not taken. */
export function PrefetchNext({ project, task }: { project: string; task: Task | undefined }): null {
  const editor = useEditor();
  const queries = useQueryClient();
  const after = task?.id;
  useEffect(() => {
    if (!after) return;
    const flight = new AbortController();
    let due = 0;
    void editor.settled().then(() => {
      if (!flight.signal.aborted) due = window.setTimeout(() => void prefetchNext(queries, project, after, flight.signal).catch(() => undefined), AFTER_MS);
    });
    return () => {
      window.clearTimeout(due);
      flight.abort();
    };
  }, [queries, project, after, editor]);
  return null;
}

export async function prefetchNext(queries: QueryClient, project: string, after: string, signal: AbortSignal): Promise<void> {
  const next = (await data(api.GET("/api/v1/tasks/next/peek/", { params: { query: { project, after } }, signal }))) as Task | undefined;
  if (!next || signal.aborted) return;
  queries.setQueryData(taskQuery(next.id).queryKey, (known: Task | undefined) => known ?? next);
  const [image, pixels] = await Promise.all([
    queries.fetchQuery(imageQuery(next.image.id)),
    queries.fetchQuery(pixelsQuery(next.image.id)),
    queries.prefetchQuery(branchQuery(next.branch.id)),
  ]);
  if (signal.aborted) return;
  // The browser keeps what it has read; the page reads it from there.
  await Promise.all([warmPixels(pixels, image, signal), isReadByRegions(image) ? null : readFrame(next.branch.id, undefined, { t: 0, z: 0 }, signal)]);
}

/** The tiles of a first view of the whole image, in every channel. */
async function warmPixels({ provider, pyramid, tilePx }: Pixels, image: Image, signal: AbortSignal): Promise<void> {
  const fits = pyramid.findIndex((level) => Math.max(level.height_px, level.width_px) <= VIEW_PX);
  const level = fits < 0 ? pyramid.length - 1 : fits;
  const { height_px, width_px } = pyramid[level];
  const requests = [];
  for (let ty = 0; ty * tilePx < height_px; ty++) {
    for (let tx = 0; tx * tilePx < width_px; tx++) {
      for (let c = 0; c < Math.min(image.size_c, 8); c++) requests.push({ level, t: 0, c, z: 0, ty, tx });
    }
  }
  for (const request of requests.slice(0, MOST_TILES)) if (!signal.aborted) await provider.readTile(request, signal);
}
