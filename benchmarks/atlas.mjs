// Paints 100,000 points as the page does, panned a little for every frame, and prints the 95th percentile in ms.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const typescript = createRequire(new URL("../frontend/package.json", import.meta.url))("typescript");
const source = readFileSync(new URL("../frontend/src/features/explore/scene.ts", import.meta.url), "utf8");
const plain = typescript.transpileModule(source, { compilerOptions: { target: "ES2022", module: "ESNext" } }).outputText;
const { paint } = await import(`data:text/javascript,${encodeURIComponent(plain)}`);

const [count, width, height, frames] = [100_000, 1280, 520, 60];
const points = { x: new Float32Array(count), y: new Float32Array(count) };
const order = new Uint32Array(count);
for (let i = 0; i < count; i++) {
  points.x[i] = Math.sin(i * 12.9898) * 10;
  points.y[i] = Math.cos(i * 78.233) * 10;
  order[i] = (i * 7919) % count;
}
const colours = new Uint32Array(count).fill(0xff00ff00);
const times = [];
for (let frame = 0; frame < frames; frame++) {
  const began = performance.now();
  const pixels = new Uint32Array(width * height);
  paint(pixels, width, height, points, { x: frame / 50, y: 0, scaleX: 25, scaleY: 25 }, colours, order, 2);
  times.push(performance.now() - began);
}
times.sort((a, b) => a - b);
console.log(times[Math.floor(frames * 0.95)].toFixed(2));
