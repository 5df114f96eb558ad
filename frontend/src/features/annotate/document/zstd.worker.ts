import { decompress } from "fzstd";
import type { ZstdAnswer, ZstdOrder } from "./zstd-pool";

self.onmessage = ({ data: { number, bytes } }: MessageEvent<ZstdOrder>) => {
  try {
    const done = decompress(bytes);
    const whole = done.byteLength === done.buffer.byteLength ? done : done.slice();
    const answer: ZstdAnswer = { number, bytes: whole };
    self.postMessage(answer, { transfer: [whole.buffer] });
  } catch (error) {
    self.postMessage({ number, error: error instanceof Error ? error.message : String(error) } satisfies ZstdAnswer);
  }
};
