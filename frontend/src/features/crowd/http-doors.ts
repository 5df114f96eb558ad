import { send } from "@/api/http";
import type { ClassChoice, Feedback, Kind, RunRows, Value } from "@/microtasks/types";
import type { Answered, Doors, End, Item, Leader, Me, Next, OpenCampaign } from "./doors";

interface ItemOut {
  id: string;
  kind: Kind;
  is_training: boolean;
  height: number;
  width: number;
  pictures: number;
  shown: RunRows[][];
  classes: Omit<ClassChoice, "examples">[];
  single?: boolean;
}

interface NextOut {
  item: ItemOut | null;
  done: End | null;
  me: Me;
}

/** The doors over HTTP. Pictures are fetched with the worker's key and kept as blobs until they are released. */
export function httpDoors(token: string): Doors {
  const at = `/api/v1/crowd/${encodeURIComponent(token)}/`;
  const ask = async (method: string, path: string, secret: string | null, body?: unknown): Promise<Response> => {
    const headers = new Headers({ Accept: "application/json" });
    if (secret !== null) headers.set("X-Worker", secret);
    if (body !== undefined) headers.set("Content-Type", "application/json");
    // No cookies: the owner who tries the link in the same browser is a worker like any other.
    return send(new Request(new URL(at + path, location.origin), { method, headers, credentials: "omit", body: body === undefined ? undefined : JSON.stringify(body) }));
  };
  const read = async <T>(method: string, path: string, secret: string | null, body?: unknown): Promise<T> => (await (await ask(method, path, secret, body)).json()) as T;
  const picture = async (secret: string, item: string, end: number): Promise<string> => {
    const answer = await ask("GET", `items/${item}/picture/?end=${end}`, secret);
    return URL.createObjectURL(await answer.blob());
  };
  const withPictures = async (secret: string, { pictures, shown, classes, single, ...item }: ItemOut): Promise<Item> => ({
    ...item,
    shown,
    single: single ?? item.kind === "FIX",
    classes: classes.map((one) => ({ ...one, examples: [] })),
    pictures: await Promise.all(Array.from({ length: pictures }, (_, end) => picture(secret, item.id, end))),
  });
  return {
    read: (secret) => read<OpenCampaign>("GET", "", secret),
    join: (platformWorker) => read("POST", "join/", null, { consent: true, ...(platformWorker !== null && { platform_worker: platformWorker }) }),
    next: async (secret, holding): Promise<Next> => {
      const { item, done, me } = await read<NextOut>("POST", "next/", secret, { holding });
      return { item: item && !holding.includes(item.id) ? await withPictures(secret, item) : item && bare(item), done, me };
    },
    answer: async (secret, item, value: Value, seconds): Promise<Answered> => read<Answered & { feedback: Feedback | null }>("POST", `items/${item}/answer/`, secret, { value, seconds }),
    leaders: (secret) => read<Leader[]>("GET", "leaderboard/", secret),
    forget: async (secret) => void (await ask("DELETE", "me/", secret)),
    release: ({ pictures }) => pictures.forEach((address) => URL.revokeObjectURL(address)),
  };
}

/** An item that is here already: its pictures are not fetched again. */
const bare = ({ classes, ...item }: ItemOut): Item => ({ ...item, single: true, classes: classes.map((one) => ({ ...one, examples: [] })), pictures: [] });
