import type { EmbeddingRequest, PromptProvider, PromptRequest, Segmented } from "@/editor";
import { isApiError } from "@/api/errors";
import { send } from "@/api/http";
import { loadPromptFiles, readCurrent } from "./prompt-model";

/** Whoever waits for a person's click gives up on a silent server after so long; the browser then works alone. ms */
const PATIENCE_MS = 8_000;

/** Click-to-segment for one image: the model's files, the shared embedding, and a team's larger model where there is one. */
export function promptProvider(image: string): PromptProvider {
  const at = (path: string): URL => new URL(`/api/v1/images/${image}/${path}`, location.origin);
  return {
    load: loadPromptFiles,
    readTile: async (request) => {
      const answer = await send(new Request(withQuery(at("embedding/"), request), { signal: AbortSignal.timeout(PATIENCE_MS) }));
      return answer.status === 200 ? new Uint8Array(await answer.arrayBuffer()) : null;
    },
    answer: async (request) => {
      if (!(await hasLarger())) return null;
      return askServer(at("prompts/"), request);
    },
  };
}

function withQuery(url: URL, { channels, ...rest }: EmbeddingRequest): URL {
  for (const [name, value] of Object.entries(rest)) url.searchParams.set(name, String(value));
  url.searchParams.set("channels", channels.join(","));
  return url;
}

/** Without a network there is none. */
const hasLarger = (): Promise<boolean> => readCurrent().then(({ larger }) => larger !== null, () => false);

async function askServer(url: URL, { t, z, channels, clicks, box }: PromptRequest): Promise<Segmented | null> {
  const body = JSON.stringify({ t, z, channels, box, clicks: clicks.map(({ y, x, sign }) => ({ y, x, sign })) });
  try {
    const answer = await send(new Request(url, { method: "POST", headers: { "Content-Type": "application/json" }, body, signal: AbortSignal.timeout(PATIENCE_MS) }));
    return (await answer.json()) as Segmented;
  } catch (error) {
    // The engine process may be starting, or the network gone: the page's own model answers.
    if (isApiError(error, 503) || isApiError(error, 0) || error instanceof DOMException) return null;
    throw error;
  }
}
