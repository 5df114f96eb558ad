/** Labels over the composed picture: fills, outlines, grid, pen. All from ids; nothing is blurred. */
import { CELL_COLOURS, rgbOf } from "../palette";
import { PLACE_GLSL } from "./place";

const PALETTE = CELL_COLOURS.map((hex) => `vec3(${rgbOf(hex).map((value) => (value / 255).toFixed(4)).join(", ")})`);

/** Loops of none, one or two turns stand for branches: software graphics skip a loop, but run both sides of an `if`. */
export const LABEL_SHADER = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
${PLACE_GLSL}
uniform sampler2D uPicture;
uniform usampler2D uCells;      // two ids of every device pixel
uniform usampler2D uTable;      // per cell: colour, flags (1 = selected)
uniform int uShow;              // 0: labels are hidden
uniform int uByTable;
uniform int uTableRows;
uniform float uFill;
uniform ivec3 uLine;            // width of outlines, device px: plain, hovered, selected; 0 = none
uniform float uLineStrength;
uniform uint uPrimary;
uniform uint uHovered;
uniform int uGrid;
uniform float uDensity;
uniform ivec2 uLast;            // last device pixel
uniform vec4 uPen;              // x, y from uOrigin, radius (image px), 0 none / 1 brush / 2 eraser
out vec4 colour;

const vec3 PALETTE[${PALETTE.length}] = vec3[${PALETTE.length}](${PALETTE.join(", ")});

// 1 where the cell is not, at a place some device px away.
int lacks(ivec2 at, int x, int y, uint cell) {
  uvec2 cells = texelFetch(uCells, clamp(at + ivec2(x, y), ivec2(0), uLast), 0).rg;
  return int(cells.x != cell && cells.y != cell);
}

int edges(ivec2 at, uint cell, int r) {
  int s = max(1, (r * 3) >> 2);
  return lacks(at, r, 0, cell) + lacks(at, -r, 0, cell) + lacks(at, 0, r, cell) + lacks(at, 0, -r, cell)
       + lacks(at, s, s, cell) + lacks(at, -s, -s, cell) + lacks(at, s, -s, cell) + lacks(at, -s, s, cell);
}

vec3 colourOf(uint cell, uvec4 row) {
  uint h = cell * 2654435761u;
  h = (h ^ (h >> 15)) * 2246822519u;
  return uByTable == 1 ? vec3(row.rgb) / 255.0 : PALETTE[(h >> 7) % ${PALETTE.length}u];
}

vec3 withCell(vec3 under, ivec2 at, uint cell, float share) {
  ivec2 place = ivec2(int(cell & 4095u), int(cell >> 12));
  uvec4 row = place.y < uTableRows ? texelFetch(uTable, place, 0) : uvec4(150u, 158u, 170u, 0u);
  vec3 own = colourOf(cell, row);
  bool chosen = cell == uPrimary || (row.a & 1u) == 1u;
  bool hovered = cell == uHovered;
  float fill = min(1.0, uFill + (hovered ? 0.14 : 0.0) + (chosen ? 0.06 : 0.0)) * share;
  vec3 result = mix(under, own, fill);
  int line = chosen ? uLine.z : hovered ? uLine.y : uLine.x;
  for (int once = 0; once < min(line, 1); once++) {
    vec3 bright = chosen ? vec3(1.0) : hovered ? mix(own, vec3(1.0), 0.45) : own;
    float strength = chosen || hovered ? 1.0 : uLineStrength;
    result = mix(result, bright, edges(at, cell, line) > 0 ? strength : 0.0);
  }
  return result;
}

vec3 withGrid(vec3 under, vec2 px) {
  vec2 place = fract(local(px)) / uPerPixel;
  return min(place.x, place.y) < 1.0 ? mix(under, vec3(0.62), 0.28) : under;
}

vec3 withPen(vec3 under, vec2 px) {
  float away = abs(length(local(px) - uPen.xy) - uPen.z) / (uPerPixel * uDensity);
  vec3 ink = uPen.w > 1.5 ? vec3(1.0, 0.55, 0.47) : vec3(1.0);
  vec3 halo = mix(under, vec3(0.0), 0.55 * smoothstep(2.5, 1.2, away));
  return mix(halo, ink, smoothstep(1.2, 0.5, away));
}

void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec2 px = devicePixel();
  vec3 result = texelFetch(uPicture, at, 0).rgb;
  uvec2 cells = texelFetch(uCells, at, 0).rg;
  int count = uShow * (int(cells.x != 0u) + int(cells.y != 0u));
  // Overlap is hatched: the two cells' fills take turns.
  bool stripe = mod(px.x + px.y, 8.0 * uDensity) < 4.0 * uDensity;
  for (int i = 0; i < count; i++) {
    result = withCell(result, at, i == 0 ? cells.x : cells.y, count == 1 || stripe == (i == 0) ? 1.0 : 0.0);
  }
  for (int i = 0; i < uGrid; i++) result = withGrid(result, px);
  for (int i = 0; i < int(uPen.w > 0.5); i++) result = withPen(result, px);
  colour = vec4(result, 1.0);
}`;
