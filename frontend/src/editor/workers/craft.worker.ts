import { CraftBench } from "../craft/orders";
import { answerOn } from "./craft-messages";
import type { CraftOrder } from "./craft-messages";

const bench = new CraftBench();

self.onmessage = ({ data }: MessageEvent<CraftOrder>) => self.postMessage(answerOn(bench, data));
