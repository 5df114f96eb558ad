/** Labels over the composed picture: fills, outlines, grid, pen. All from ids; nothing is blurred. */
import { CELL_COLOURS, rgbOf } from "../palette";
import { PLACE_GLSL } from "./place";

const PALETTE = CELL_COLOURS.map((hex) => `vec3(${rgbOf(hex).map((value) => (value / 255).toFixed(4)).join(", ")})`);

export const LABEL_SHADER = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
${PLACE_GLSL}
uniform sampler2D uBase;
uniform usampler2D uFirst;      // ids, samples of the level at (place mod window)
uniform usampler2D uSecond;     // the other id where cells overlap
uniform usampler2D uTable;      // per cell: colour, flags (1 = selected)
uniform bool uOverlaps;
uniform bool uByTable;
uniform int uTableRows;
uniform int uStep;              // image px per sample
uniform ivec2 uWindow;          // samples of the window textures
uniform ivec4 uShown;           // samples in the window: x0, y0, x1, y1
uniform ivec2 uImage;
uniform float uFill;
uniform float uLine;            // outline, device px; 0 = none
uniform float uLineStrength;
uniform float uDensity;
uniform uint uPrimary;
uniform uint uHovered;
uniform bool uGrid;
uniform vec3 uBackground;
uniform vec4 uPen;              // x, y from uOrigin, radius (image px), 0 none / 1 brush / 2 eraser
out vec4 colour;

const vec3 PALETTE[${PALETTE.length}] = vec3[${PALETTE.length}](${PALETTE.join(", ")});

bool inImage(ivec2 at) { return all(greaterThanEqual(at, ivec2(0))) && all(lessThan(at, uImage)); }

uvec2 cellsAt(vec2 place) {
  ivec2 at = uOrigin + ivec2(floor(place));
  if (!inImage(at)) return uvec2(0u);
  ivec2 grid = at / uStep;
  if (any(lessThan(grid, uShown.xy)) || any(greaterThanEqual(grid, uShown.zw))) return uvec2(0u);
  ivec2 cell = grid % uWindow;
  uint first = texelFetch(uFirst, cell, 0).r;
  return uvec2(first, uOverlaps && first != 0u ? texelFetch(uSecond, cell, 0).r : 0u);
}

uvec4 rowOf(uint cell) {
  ivec2 at = ivec2(int(cell & 4095u), int(cell >> 12));
  return at.y < uTableRows ? texelFetch(uTable, at, 0) : uvec4(150u, 158u, 170u, 0u);
}

vec3 colourOf(uint cell, uvec4 row) {
  if (uByTable) return vec3(row.rgb) / 255.0;
  uint h = cell * 2654435761u;
  h = (h ^ (h >> 15)) * 2246822519u;
  return PALETTE[(h >> 7) % ${PALETTE.length}u];
}

bool lacks(uvec2 cells, uint cell) { return cells.x != cell && cells.y != cell; }

// 1 where a step of this many device px in one of eight directions leaves the cell.
bool atEdge(vec2 px, uint cell, float reach) {
  float slant = reach * 0.7071;
  return lacks(cellsAt(local(px + vec2(reach, 0.0))), cell) || lacks(cellsAt(local(px - vec2(reach, 0.0))), cell)
      || lacks(cellsAt(local(px + vec2(0.0, reach))), cell) || lacks(cellsAt(local(px - vec2(0.0, reach))), cell)
      || lacks(cellsAt(local(px + vec2(slant, slant))), cell) || lacks(cellsAt(local(px - vec2(slant, slant))), cell)
      || lacks(cellsAt(local(px + vec2(slant, -slant))), cell) || lacks(cellsAt(local(px - vec2(slant, -slant))), cell);
}

vec3 withCell(vec3 under, vec2 px, uint cell, bool hatched) {
  uvec4 row = rowOf(cell);
  vec3 own = colourOf(cell, row);
  bool chosen = cell == uPrimary || (row.a & 1u) == 1u;
  bool hovered = cell == uHovered;
  float fill = uFill + (hovered ? 0.14 : 0.0) + (chosen ? 0.06 : 0.0);
  vec3 result = hatched ? under : mix(under, own, min(fill, 1.0));
  float line = chosen ? max(uLine, 2.2 * uDensity) : hovered ? max(uLine, 1.6 * uDensity) : uLine;
  if (line > 0.0 && atEdge(px, cell, line)) {
    vec3 bright = chosen ? vec3(1.0) : hovered ? mix(own, vec3(1.0), 0.45) : own;
    result = mix(result, bright, chosen || hovered ? 1.0 : uLineStrength);
  }
  return result;
}

vec3 withLabels(vec3 under, vec2 px) {
  uvec2 cells = cellsAt(local(px));
  if (cells.x == 0u) return under;
  if (cells.y == 0u) return withCell(under, px, cells.x, false);
  bool stripe = mod(px.x + px.y, 8.0 * uDensity) < 4.0 * uDensity;
  vec3 lower = withCell(under, px, cells.x, stripe);
  return withCell(lower, px, cells.y, !stripe);
}

vec3 withGrid(vec3 under, vec2 px) {
  vec2 place = fract(local(px));
  float edge = min(min(place.x, place.y), min(1.0 - place.x, 1.0 - place.y)) / uPerPixel;
  return edge < 0.5 ? mix(under, vec3(0.62), 0.28) : under;
}

vec3 withPen(vec3 under, vec2 px) {
  float away = abs(length(local(px) - uPen.xy) - uPen.z) / uPerPixel;
  if (away > 2.5 * uDensity) return under;
  vec3 ink = uPen.w > 1.5 ? vec3(1.0, 0.55, 0.47) : vec3(1.0);
  vec3 halo = mix(under, vec3(0.0), 0.55 * smoothstep(2.5, 1.2, away / uDensity));
  return mix(halo, ink, smoothstep(1.2, 0.5, away / uDensity));
}

void main() {
  vec2 px = devicePixel();
  ivec2 at = uOrigin + ivec2(floor(local(px)));
  vec3 under = texelFetch(uBase, ivec2(gl_FragCoord.xy), 0).rgb;
  if (inImage(at)) {
    // Several samples on one device pixel: four of them are drawn and mixed, so that small cells keep their share.
    if (uPerPixel > 1.001 * float(uStep)) {
      under = 0.25 * (withLabels(under, px + vec2(-0.25, -0.25)) + withLabels(under, px + vec2(0.25, -0.25))
                    + withLabels(under, px + vec2(-0.25, 0.25)) + withLabels(under, px + vec2(0.25, 0.25)));
    } else if (uFill > 0.0 || uLine > 0.0 || uPrimary != 0u || uHovered != 0u) under = withLabels(under, px);
    if (uGrid) under = withGrid(under, px);
  }
  colour = vec4(uPen.w > 0.5 ? withPen(under, px) : under, 1.0);
}`;
