import { api, data } from "@/api/client";
import { isApiError } from "@/api/errors";
import type { Schema } from "@/api/types";
import type { Feedback, Place, RunRows, Value } from "@/microtasks/types";
import { KeyLost, type Doors, type Item, type Me } from "./doors";

type Question = Schema["CrowdQuestionOut"];

/** No cookies: the owner who tries the link in the same browser is a worker like any other. */
const ANONYMOUS = { credentials: "omit" } as const;

/** The doors over HTTP. Pictures are fetched with the worker's key and kept as blobs until they are released. */
export function httpDoors(token: string): Doors {
  const params = (secret: string | null) => ({ path: { token }, ...(secret !== null && { header: { "X-Worker": secret } }) });
  const ofItem = (secret: string, item: string) => ({ path: { token, item }, header: { "X-Worker": secret } });
  const picture = async (secret: string, item: string, end: number): Promise<string> => {
    const asked = api.GET("/api/v1/crowd/{token}/items/{item}/picture/", { ...ANONYMOUS, params: { ...ofItem(secret, item), query: { end } }, parseAs: "blob" });
    return URL.createObjectURL(await data<Blob>(asked));
  };
  const withPictures = async (secret: string, question: Question): Promise<Item> => ({
    ...bare(question),
    pictures: await Promise.all(Array.from({ length: question.pictures }, (_, end) => picture(secret, question.id, end))),
  });
  return {
    read: (secret) =>
      keyLost(async () => {
        const { me, ...campaign } = await data(api.GET("/api/v1/crowd/{token}/", { ...ANONYMOUS, params: params(secret) }));
        return { ...campaign, me: me && meOf(me) };
      }),
    join: async (platformWorker) => {
      const { secret, me } = await data(api.POST("/api/v1/crowd/{token}/join/", { ...ANONYMOUS, params: { path: { token } }, body: { consent: true, platform_worker: platformWorker ?? "" } }));
      return { secret, me: meOf(me) };
    },
    next: (secret, holding) =>
      keyLost(async () => {
        const { item, done, me } = await data(api.POST("/api/v1/crowd/{token}/next/", { ...ANONYMOUS, params: params(secret), body: { holding: [...holding] } }));
        if (item === null) return { item, done, me: meOf(me) };
        return { item: holding.includes(item.id) ? bare(item) : await withPictures(secret, item), done, me: meOf(me) };
      }),
    answer: (secret, item, value: Value, seconds) =>
      keyLost(async () => {
        const { feedback, notice, me } = await data(api.POST("/api/v1/crowd/{token}/items/{item}/answer/", { ...ANONYMOUS, params: ofItem(secret, item), body: { value, seconds } }));
        return { feedback: feedback && feedbackOf(feedback), notice, me: meOf(me) };
      }),
    leaders: (secret) => data(api.GET("/api/v1/crowd/{token}/leaderboard/", { ...ANONYMOUS, params: params(secret) })),
    forget: async (secret) => void (await api.DELETE("/api/v1/crowd/{token}/me/", { ...ANONYMOUS, params: params(secret) })),
    release: ({ pictures }) => pictures.forEach((address) => URL.revokeObjectURL(address)),
  };
}

/** A key that the server does not know any more: told by its code, whatever the number. */
async function keyLost<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isApiError(error, "worker_unknown")) throw new KeyLost(error.message);
    throw error;
  }
}

const meOf = ({ name, state, answered = 0, training_left, reason = "" }: Schema["CrowdMeOut"]): Me => ({ name, state, answered, training_left, reason });

/** An item without its pictures. */
function bare({ id, kind, is_training, height, width, shown, classes, single }: Question): Item {
  return { id, kind, is_training, height, width, single, pictures: [], shown: shown as unknown as RunRows[][], classes: classes.map(({ id: key, name, color = "" }) => ({ id: key, name, color, examples: [] })) };
}

function feedbackOf({ right, score, truth, regions }: Schema["CrowdFeedbackOut"]): Feedback {
  return {
    right,
    score,
    truth: truth as Value | null,
    regions: regions.map(({ fault, runs, point }) => ({ fault, runs: runs as unknown as RunRows, point: point as Place | null })),
  };
}
