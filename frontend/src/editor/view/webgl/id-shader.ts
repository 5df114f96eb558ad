/** Which cells each device pixel shows: up to two ids. Outlines are then found among neighbours of this picture. */
import { PLACE_GLSL } from "./place";

export const ID_SHADER = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
${PLACE_GLSL}
uniform usampler2D uFirst;      // ids on the level's grid, wrapped around
uniform usampler2D uSecond;     // the other id where cells overlap
uniform uint uOverlaps;         // 1 when some do
uniform int uLevel;             // samples lie every 2^level image px
uniform ivec2 uWindow;          // size of the wrapped textures
uniform ivec2 uBase;            // grid place of a corner of the wrap left of all that is shown
uniform ivec4 uShown;           // grid places that are here: x0, y0, x1, y1
uniform ivec2 uImage;
out uvec2 cells;

void main() {
  ivec2 at = uOrigin + ivec2(floor(local(devicePixel())));
  ivec2 grid = at >> uLevel;
  bool here = all(greaterThanEqual(at, ivec2(0))) && all(lessThan(at, uImage))
           && all(greaterThanEqual(grid, uShown.xy)) && all(lessThan(grid, uShown.zw));
  ivec2 texel = grid - uBase;
  texel -= uWindow * ivec2(greaterThanEqual(texel, uWindow));
  texel = clamp(texel, ivec2(0), uWindow - 1);
  uvec2 found = uvec2(texelFetch(uFirst, texel, 0).r, texelFetch(uSecond, texel, 0).r * uOverlaps);
  cells = here ? found : uvec2(0u);
}`;
