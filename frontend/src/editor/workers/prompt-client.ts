/** The page's end of the click-to-segment worker. It starts with the first order, so that nothing is loaded before it is wanted. */
import type { PromptAnswerOf, PromptAskOf, PromptKind, PromptMessage, PromptOrder } from "../prompting/orders";

export interface PromptClient {
  ask<K extends PromptKind>(kind: K, ask: PromptAskOf<K>): Promise<PromptAnswerOf<K>>;
}

let worker: Worker | null = null;
let orders = 0;
const waiting = new Map<number, (message: PromptMessage) => void>();

function startWorker(): Worker {
  const started = new Worker(new URL("./prompt.worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<PromptMessage>) => {
    waiting.get(data.number)?.(data);
    waiting.delete(data.number);
  };
  started.onerror = () => {
    worker = null;
    for (const [number, tell] of waiting) tell({ number, error: "The click-to-segment worker stopped; reload the page." });
    waiting.clear();
  };
  return started;
}

export const promptWorker: PromptClient = {
  async ask(kind, ask) {
    worker ??= startWorker();
    const order: PromptOrder = { number: ++orders, kind, ask };
    const reply = new Promise<PromptMessage>((tell) => waiting.set(order.number, tell));
    worker.postMessage(order);
    const message = await reply;
    if ("error" in message) throw new Error(message.error);
    return message.answer;
  },
};
