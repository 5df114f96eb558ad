/** The two nets in onnxruntime-web: its WebAssembly build, which is handed in and never fetched. */
import * as ort from "onnxruntime-web/wasm";
import type { Question } from "../prompting/answering";
import type { PromptFiles, PromptModel } from "../prompting/contract";
import type { Nets } from "../prompting/prompt-bench";

/**
 * More threads would be workers that load the runtime's own script again; bundled into this worker it has no address of its
 * own, and opening a net would wait for ever. One thread answers a click in tens of milliseconds.
 */
const THREADS = 1;

export async function openNets({ model, encoder, decoder, runtime }: PromptFiles): Promise<Nets> {
  ort.env.wasm.wasmBinary = runtime;
  ort.env.wasm.numThreads = THREADS;
  const open = (net: ArrayBuffer): Promise<ort.InferenceSession> => ort.InferenceSession.create(new Uint8Array(net), { executionProviders: ["wasm"] });
  const [reads, answers] = [await open(encoder), await open(decoder)];
  return { encode: (picture, height, width) => encode(reads, picture, height, width), decode: (question) => decode(answers, model, question) };
}

const floats = (values: Float32Array, dims: readonly number[]): ort.Tensor => new ort.Tensor("float32", values, dims);

async function encode(net: ort.InferenceSession, picture: Float32Array, height: number, width: number): Promise<Float32Array> {
  const { embedding } = await net.run({ picture: floats(picture, [1, 3, height, width]) });
  return embedding.data as Float32Array;
}

async function decode(net: ort.InferenceSession, model: PromptModel, q: Question): Promise<{ logits: Float32Array; quality: number }> {
  const side = model.window_cells;
  const said = await net.run({
    embedding: floats(q.embedding, [1, model.features, side, side]),
    inside: floats(q.inside, [1, 1, side, side]),
    points: floats(q.points, [1, q.points.length / 3, 3]),
    box: floats(q.box, [1, 5]),
    before: floats(q.before, [1, 1, 2 * side, 2 * side]),
  });
  return { logits: said.logits.data as Float32Array, quality: (said.quality.data as Float32Array)[0] };
}
