import runtimeUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import type { PromptFiles, PromptModel } from "@/editor";
import { send } from "@/api/http";

/** What the server says of click-to-segment. */
interface CurrentModel {
  readonly model: PromptModel;
  readonly encoder: string;
  readonly decoder: string;
  /** A larger model that the server itself answers with. */
  readonly larger: { readonly name: string } | null;
}

type Told = (bytes: number, of: number) => void;

/** The files are the same for every image: once a visit. */
let files: Promise<PromptFiles> | null = null;
let current: Promise<CurrentModel> | null = null;
const listeners = new Set<(fraction: number) => void>();

export function readCurrent(): Promise<CurrentModel> {
  current ??= send(new Request(new URL("/api/v1/prompt-models/current/", location.origin))).then((answer) => answer.json() as Promise<CurrentModel>);
  current.catch(() => (current = null));
  return current;
}

/** Model and runtime, with how much of them is here. What failed is tried again at the next call. */
export async function loadPromptFiles(onProgress: (fraction: number) => void): Promise<PromptFiles> {
  listeners.add(onProgress);
  files ??= readFiles((fraction) => listeners.forEach((tell) => tell(fraction)));
  try {
    return await files;
  } catch (error) {
    files = null;
    throw error;
  } finally {
    listeners.delete(onProgress);
  }
}

async function readFiles(tell: (fraction: number) => void): Promise<PromptFiles> {
  const { model, encoder, decoder } = await readCurrent();
  const here = new Map<string, readonly [number, number]>();
  const toldOf = (name: string): Told => (bytes, of) => {
    here.set(name, [bytes, Math.max(bytes, of)]);
    const all = [...here.values()];
    if (all.length === 3) tell(all.reduce((sum, [has]) => sum + has, 0) / Math.max(1, all.reduce((sum, [, wants]) => sum + wants, 0)));
  };
  const [runtime, reads, answers] = await Promise.all([readBytes(runtimeUrl, toldOf("runtime")), readBytes(encoder, toldOf("encoder")), readBytes(decoder, toldOf("decoder"))]);
  return { model, encoder: reads, decoder: answers, runtime };
}

/** A file, with progress. Without a length in the answer's head, what has come counts as all. */
async function readBytes(address: string, tell: Told): Promise<ArrayBuffer> {
  const answer = await send(new Request(new URL(address, location.origin)));
  const packed = answer.headers.get("content-encoding") !== null;
  const length = packed ? 0 : Number(answer.headers.get("content-length") ?? 0);
  tell(0, length);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = answer.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    parts.push(part.value);
    bytes += part.value.length;
    tell(bytes, length);
  }
  const whole = new Uint8Array(bytes);
  parts.reduce((at, part) => {
    whole.set(part, at);
    return at + part.length;
  }, 0);
  return whole.buffer;
}
