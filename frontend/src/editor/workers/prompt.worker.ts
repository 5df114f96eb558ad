import { PromptBench } from "../prompting/prompt-bench";
import type { PromptMessage, PromptOrder } from "../prompting/orders";
import { openNets } from "./prompt-nets";

const bench = new PromptBench(openNets, () => performance.now());

/** One after the other: a net answers one question at a time. */
let line: Promise<unknown> = Promise.resolve();

const answerTo = async ({ number, kind, ask }: PromptOrder): Promise<PromptMessage> => {
  try {
    return { number, answer: await bench.answer(kind, ask) };
  } catch (error) {
    return { number, error: error instanceof Error ? error.message : String(error) };
  }
};

self.onmessage = ({ data }: MessageEvent<PromptOrder>) => {
  line = line.then(() => answerTo(data)).then((message) => self.postMessage(message));
};
