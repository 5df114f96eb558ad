// Times the click-to-segment nets in onnxruntime-web: node prompting.mjs RUNTIME_FOLDER MODEL_FOLDER → one JSON line.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [runtime, folder] = process.argv.slice(2);
const ort = await import(pathToFileURL(`${runtime}/ort.wasm.bundle.min.mjs`));
const wasm = readFileSync(`${runtime}/ort-wasm-simd-threaded.wasm`);
ort.env.wasm.wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength);
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";
const model = JSON.parse(readFileSync(`${folder}/prompt.json`, "utf8"));

const began = performance.now();
const open = (name) => ort.InferenceSession.create(new Uint8Array(readFileSync(`${folder}/${name}`)), { executionProviders: ["wasm"] });
const [encoder, decoder] = [await open("encoder.onnx"), await open("decoder.onnx")];
const open_ms = performance.now() - began;

const floats = (values, dims) => new ort.Tensor("float32", Float32Array.from(values), dims);
const random = (dims) => floats({ length: dims.reduce((a, b) => a * b) }, dims).data.map(() => Math.random());
const tensor = (dims) => new ort.Tensor("float32", random(dims), dims);

async function median(times, work) {
  await work();
  const spent = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    spent.push(performance.now() - start);
  }
  return spent.sort((a, b) => a - b)[Math.floor(times / 2)];
}

const side = model.window_cells;
const question = (points) => ({
  embedding: tensor([1, model.features, side, side]),
  inside: tensor([1, 1, side, side]),
  points: floats(points, [1, points.length / 3, 3]),
  box: floats([0, 0, 0, 0, 0], [1, 5]),
  before: tensor([1, 1, 2 * side, 2 * side]),
});
const edge = model.tile_px + 2 * model.margin_px;
const picture = tensor([1, 3, edge, edge]);
const decoder_ms = await median(31, () => decoder.run(question([24, 24, 1])));
const decoder_three_ms = await median(31, () => decoder.run(question([24, 24, 1, 30, 20, 1, 10, 10, -1])));
const tile_ms = await median(3, () => encoder.run({ picture }));
// A tile is read with its margin; what counts is the picture that it covers.
const encoder_s_per_mpx = (tile_ms / 1000 / model.tile_px ** 2) * 1e6;
process.stdout.write(JSON.stringify({ decoder_ms, decoder_three_ms, encoder_s_per_mpx, open_ms }) + "\n");
