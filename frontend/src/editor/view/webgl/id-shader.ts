/** Which cells each device pixel shows: up to two ids. Outlines are then found among neighbours of this picture. */
import { PLACE_GLSL } from "./place";

/**
 * Textures are read with `texture`, at the middle of a texel: software graphics check the bounds of every
 * `texelFetch`, which costs several times as much.
 */
export const idShader = (overlaps: boolean): string => `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
${PLACE_GLSL}
uniform usampler2D uFirst;      // ids on the level's grid; repeats
uniform usampler2D uSecond;     // the other id where cells overlap
uniform int uLevel;             // samples lie every 2^level image px
uniform vec2 uPerSample;        // 1 / size of the textures
uniform ivec2 uBase;            // grid place of a corner of the wrap left of all that is shown
uniform ivec4 uShown;           // grid places that are here: x0, y0, x1, y1
uniform ivec2 uImage;
out uvec2 cells;

void main() {
  ivec2 at = uOrigin + ivec2(floor(local(devicePixel())));
  ivec2 grid = at >> uLevel;
  bool here = all(greaterThanEqual(at, ivec2(0))) && all(lessThan(at, uImage))
           && all(greaterThanEqual(grid, uShown.xy)) && all(lessThan(grid, uShown.zw));
  vec2 place = (vec2(grid - uBase) + 0.5) * uPerSample;
  uvec2 found = uvec2(texture(uFirst, place).r, ${overlaps ? "texture(uSecond, place).r" : "0u"});
  cells = here ? found : uvec2(0u);
}`;
