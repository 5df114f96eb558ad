/** The page's end of the decoding worker; without workers the page decodes by itself. */
import type { Frame } from "../core/frame";
import { answerTo } from "./decode-frame";
import type { DecodeAnswer } from "./decode-frame";

let worker: Worker | null = null;
let orders = 0;
const waiting = new Map<number, (answer: DecodeAnswer) => void>();

function startWorker(): Worker {
  const started = new Worker(new URL("./decode-frame.worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<DecodeAnswer>) => {
    waiting.get(data.number)?.(data);
    waiting.delete(data.number);
  };
  started.onerror = () => {
    for (const [number, tell] of waiting) tell({ number, error: "The decoding worker stopped; reload the page." });
    waiting.clear();
    worker = null;
  };
  return started;
}

function ask(message: ArrayBuffer): Promise<DecodeAnswer> {
  const number = ++orders;
  if (typeof Worker === "undefined") return answerTo({ number, message });
  worker ??= startWorker();
  const answer = new Promise<DecodeAnswer>((resolve) => waiting.set(number, resolve));
  worker.postMessage({ number, message });
  return answer;
}

/** Labels in a message of the frame wire (`application/vnd.cytoloop.tiles`). Rejects when it is not one. */
export async function decodeFrame(message: ArrayBuffer | Uint8Array): Promise<Frame> {
  const bytes = message instanceof ArrayBuffer ? message : message.slice().buffer;
  const answer = await ask(bytes);
  if ("error" in answer) throw new Error(answer.error);
  return answer.frame;
}
