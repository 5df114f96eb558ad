/** Labels over the composed picture: fills, outlines, grid, pen. All from ids; nothing is blurred. */
import { PLACE_GLSL } from "./place";

const TABLE = `
  vec2 place = vec2(float(cell & 4095u), float(cell >> 12)) + 0.5;
  uvec4 row = place.y < uTableSize.y ? texture(uTable, place / uTableSize) : uvec4(150u, 158u, 170u, 0u);
  chosen = chosen || (row.a & 1u) == 1u;
  own = uColourByTable == 1 ? vec3(row.rgb) / 255.0 : own;`;

/** Overlap is hatched: the two cells' fills take turns. */
const TWO_CELLS = `
  bool alone = cells.y == 0u;
  bool stripe = mod(px.x + px.y, 8.0 * uDensity) < 4.0 * uDensity;
  result = withCell(result, at, cells.x, alone || stripe ? 1.0 : 0.0);
  result = withCell(result, at, cells.y, stripe ? 0.0 : 1.0);`;

export interface LabelShaderKind {
  /** Some cells of the view overlap: every pixel may show two. */
  readonly overlaps: boolean;
  /** Colours, or several selected cells, are asked of the table. */
  readonly table: boolean;
  /** No label is shown. */
  readonly hidden: boolean;
  readonly grid: boolean;
  readonly pen: boolean;
}

/**
 * Written out for what is needed: software graphics run both sides of an `if`. Textures are read with `texture`, since
 * they check the bounds of every `texelFetch`.
 */
export const labelShader = ({ overlaps, table, hidden, grid, pen }: LabelShaderKind): string => `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
${PLACE_GLSL}
uniform sampler2D uPicture;
uniform usampler2D uCells;      // two ids of every device pixel
uniform usampler2D uTable;      // per cell: colour, flags (1 = selected)
uniform sampler2D uPalette;     // colours by id
uniform int uColourByTable;
uniform vec2 uTableSize;        // columns, rows
uniform uint uColours;          // in the palette
uniform float uFill;
uniform ivec3 uLine;            // width of outlines, device px: plain, hovered, selected; 0 = none
uniform float uLineStrength;
uniform uint uPrimary;
uniform uint uHovered;
uniform float uDensity;
uniform vec2 uPerPx;            // 1 / size of the canvas, device px
uniform vec4 uPen;              // x, y from uOrigin, radius (image px), 0 none / 1 brush / 2 eraser
out vec4 colour;

// Not 0 where the cell is not, at a place some device px away.
uint lacks(vec2 at, uint cell) {
  ${overlaps ? "uvec2 cells = texture(uCells, at).rg ^ cell; return min(cells.x, cells.y);" : "return texture(uCells, at).r ^ cell;"}
}

uint edges(vec2 at, uint cell, int r) {
  vec2 d = float(r) * uPerPx;
  vec2 s = float(max(min(r, 1), (r * 3) >> 2)) * uPerPx;
  vec2 flip = vec2(s.x, -s.y);
  return lacks(at + vec2(d.x, 0.0), cell) | lacks(at - vec2(d.x, 0.0), cell) | lacks(at + vec2(0.0, d.y), cell) | lacks(at - vec2(0.0, d.y), cell)
       | lacks(at + s, cell) | lacks(at - s, cell) | lacks(at + flip, cell) | lacks(at - flip, cell);
}

vec3 byId(uint cell) {
  uint h = cell * 2654435761u;
  h = (h ^ (h >> 15)) * 2246822519u;
  return texture(uPalette, vec2((float(((h >> 16) * uColours) >> 16) + 0.5) / float(uColours), 0.5)).rgb;
}

vec3 withCell(vec3 under, vec2 at, uint cell, float share) {
  vec3 own = byId(cell);
  bool chosen = cell == uPrimary;
  ${table ? TABLE : ""}
  bool hovered = cell == uHovered;
  // Light lines turn dark where the picture is bright.
  float kept = 1.0 - 0.65 * smoothstep(0.5, 0.8, dot(under, vec3(0.299, 0.587, 0.114)));
  float fill = min(1.0, uFill + (hovered ? 0.14 : 0.0) + (chosen ? 0.06 : 0.0)) * share;
  vec3 bright = kept * (chosen ? vec3(1.0) : hovered ? mix(own, vec3(1.0), 0.45) : own);
  float strength = chosen || hovered ? 1.0 : uLineStrength;
  int line = chosen ? uLine.z : hovered ? uLine.y : uLine.x;
  vec3 filled = mix(under, own, fill);
  vec3 result = mix(filled, bright, edges(at, cell, line) != 0u ? strength : 0.0);
  return cell == 0u ? under : result;
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
  vec2 at = gl_FragCoord.xy * uPerPx;
  vec2 px = devicePixel();
  vec3 result = texture(uPicture, at).rgb;
  uvec2 cells = texture(uCells, at).rg;
  ${hidden ? "" : overlaps ? TWO_CELLS : "result = withCell(result, at, cells.x, 1.0);"}
  ${grid ? "result = withGrid(result, px);" : ""}
  ${pen ? "result = withPen(result, px);" : ""}
  colour = vec4(result, 1.0);
}`;
