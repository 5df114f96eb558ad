/** Channels composed additively: each sampled raw, windowed, bent, coloured. */
import { PLACE_GLSL } from "./place";

export interface PixelShaderKind {
  readonly channels: number;
  readonly integers: boolean;
  /** Several tile pixels fall on one device pixel: four of them are averaged. */
  readonly small: boolean;
  /** Some channel has a gamma other than 1. */
  readonly bent: boolean;
}

// Read with `texture`, whose edges are clamped: software graphics check every `texelFetch`, which costs several times as much.
const ONE_TAP = "tap(tile, i, at)";
const FOUR_TAPS = "0.25 * (tap(tile, i, at - q) + tap(tile, i, at + q) + tap(tile, i, at + vec2(q.x, -q.y)) + tap(tile, i, at + vec2(-q.x, q.y)))";

/**
 * Written out for what is needed, since samplers cannot be indexed by a variable, and since software graphics run
 * both sides of every branch.
 */
export function pixelShader({ channels, integers, small, bent }: PixelShaderKind): string {
  const sampler = integers ? "usampler2D" : "sampler2D";
  const each = (line: (i: number) => string): string => Array.from({ length: channels }, (_, i) => line(i)).join("\n");
  return `#version 300 es
precision highp float;
precision highp int;
precision highp ${sampler};
${PLACE_GLSL}
${each((i) => `uniform ${sampler} uTile${i};`)}
uniform ivec2 uCorner[${channels}];   // image px of each tile's first pixel
uniform vec4 uShape[${channels}];     // tile px per image px, 1 / tile width, 1 / tile height, unused
uniform vec4 uLook[${channels}];      // min, 1 / (max - min), gamma, 1 when inverted
uniform vec3 uColour[${channels}];    // black where the tile is not here
out vec4 colour;

float tap(${sampler} tile, int i, vec2 at) {
  return float(texture(tile, (floor(at) + 0.5) * uShape[i].yz).r);
}

float grey(${sampler} tile, vec2 place, int i) {
  vec2 at = (vec2(uOrigin - uCorner[i]) + place) * uShape[i].x;
  ${small ? "vec2 q = vec2(0.25 * uPerPixel * uShape[i].x);" : ""}
  float value = ${small ? FOUR_TAPS : ONE_TAP};
  float share = clamp((value - uLook[i].x) * uLook[i].y, 0.0, 1.0);
  ${bent ? "share = pow(share, uLook[i].z);" : ""}
  return mix(share, 1.0 - share, uLook[i].w);
}

void main() {
  vec2 place = local(devicePixel());
  vec3 sum = vec3(0.0);
  ${each((i) => `sum += uColour[${i}] * grey(uTile${i}, place, ${i});`)}
  colour = vec4(min(sum, 1.0), 1.0);
}`;
}
