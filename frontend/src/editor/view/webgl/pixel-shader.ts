/** Channels composed additively: each sampled raw, windowed, bent, coloured. */
import { PLACE_GLSL } from "./place";

/** Written out for a number of channels, since samplers cannot be indexed by a variable. */
export function pixelShader(channels: number, integers: boolean): string {
  const sampler = integers ? "usampler2D" : "sampler2D";
  const each = (line: (i: number) => string): string => Array.from({ length: channels }, (_, i) => line(i)).join("\n");
  return `#version 300 es
precision highp float;
precision highp int;
precision highp ${sampler};
${PLACE_GLSL}
${each((i) => `uniform ${sampler} uTile${i};`)}
uniform ivec2 uCorner[${channels}];   // image px of each tile's first pixel
uniform vec4 uShape[${channels}];     // image px per tile px, tile width, tile height, 1 when it is here
uniform vec4 uLook[${channels}];      // min, 1 / (max - min), gamma, 1 when inverted
uniform vec3 uColour[${channels}];
uniform bool uSmall;                  // several tile pixels fall on one device pixel
uniform vec3 uBackground;
out vec4 colour;

float grey(${sampler} tile, vec2 place, int i) {
  vec2 at = (vec2(uOrigin - uCorner[i]) + place) / uShape[i].x;
  ivec2 last = ivec2(uShape[i].yz) - 1;
  float value = float(texelFetch(tile, clamp(ivec2(floor(at)), ivec2(0), last), 0).r);
  float share = clamp((value - uLook[i].x) * uLook[i].y, 0.0, 1.0);
  share = uLook[i].z == 1.0 ? share : pow(share, uLook[i].z);
  return uLook[i].w > 0.5 ? 1.0 - share : share;
}

vec3 composed(vec2 place) {
  vec3 sum = vec3(0.0);
  ${each((i) => `if (uShape[${i}].w > 0.5) sum += uColour[${i}] * grey(uTile${i}, place, ${i});`)}
  return min(sum, 1.0);
}

void main() {
  vec2 px = devicePixel();
  if (!uSmall) {
    colour = vec4(composed(local(px)), 1.0);
    return;
  }
  vec3 sum = composed(local(px + vec2(-0.25, -0.25))) + composed(local(px + vec2(0.25, -0.25)))
           + composed(local(px + vec2(-0.25, 0.25))) + composed(local(px + vec2(0.25, 0.25)));
  colour = vec4(sum * 0.25, 1.0);
}`;
}
