/** Frame messages are inflated and cut apart beside the page's own thread. */
import type { Frame } from "../core/frame";
import { decodeFrameWith } from "../core/frame-wire";

export interface DecodeOrder {
  readonly number: number;
  readonly message: ArrayBuffer;
}

export type DecodeAnswer =
  | { readonly number: number; readonly frame: Frame }
  | { readonly number: number; readonly error: string };

export async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function answerTo({ number, message }: DecodeOrder): Promise<DecodeAnswer> {
  try {
    return { number, frame: await decodeFrameWith(message, inflate) };
  } catch (error) {
    return { number, error: error instanceof Error ? error.message : String(error) };
  }
}
