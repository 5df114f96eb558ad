/**
 * The page's end of the craft worker: one order is at work, the others wait here, where they can still be called off.
 * Without workers the page's own thread does the work, after what waits in line.
 */
import { CraftBench } from "../craft/orders";
import type { AnswerOf, AskOf, CraftKind } from "../craft/orders";
import { answerOn } from "./craft-messages";
import type { CraftOrder, CraftReply } from "./craft-messages";

interface Waiting {
  readonly order: CraftOrder;
  readonly signal: AbortSignal | undefined;
  readonly tell: (reply: CraftReply | null) => void;
}

let worker: Worker | null = null;
let bench: CraftBench | null = null;
let orders = 0;
let keys = 0;
let working: Waiting | null = null;
const line: Waiting[] = [];

/** A place on the bench for a gesture of many steps. */
export const newBenchKey = (): number => ++keys;

/** Null when it was called off before its turn came. Rejects with the sentence of what failed. */
export async function askCraft<K extends CraftKind>(kind: K, ask: AskOf<K>, signal?: AbortSignal): Promise<AnswerOf<K> | null> {
  const order: CraftOrder = { number: ++orders, kind, ask };
  const reply = await new Promise<CraftReply | null>((tell) => {
    line.push({ order, signal, tell });
    next();
  });
  if (reply === null) return null;
  if ("error" in reply) throw new Error(reply.error);
  return reply.answer;
}

function next(): void {
  while (!working) {
    const waiting = line.shift();
    if (!waiting) return;
    if (waiting.signal?.aborted) waiting.tell(null);
    else begin(waiting);
  }
}

function begin(waiting: Waiting): void {
  working = waiting;
  if (typeof Worker === "undefined") {
    bench ??= new CraftBench();
    const here = bench;
    queueMicrotask(() => finish(answerOn(here, waiting.order)));
    return;
  }
  worker ??= startWorker();
  worker.postMessage(waiting.order);
}

function finish(reply: CraftReply): void {
  const done = working;
  working = null;
  done?.tell(reply);
  next();
}

function startWorker(): Worker {
  const started = new Worker(new URL("./craft.worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<CraftReply>) => finish(data);
  started.onerror = () => {
    worker = null;
    if (working) finish({ number: working.order.number, error: "The image-processing worker stopped; try again." });
  };
  return started;
}

/** Starts the worker ahead of need, so that the first preview does not wait for it. */
export function warmCraft(): void {
  if (typeof Worker !== "undefined") worker ??= startWorker();
}
