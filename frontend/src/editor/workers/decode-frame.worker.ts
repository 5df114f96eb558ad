import { answerTo } from "./decode-frame";
import type { DecodeOrder } from "./decode-frame";

self.onmessage = ({ data }: MessageEvent<DecodeOrder>) => void answerTo(data).then((answer) => self.postMessage(answer));
