/** Where the canvas lies in the image, for shaders: whole pixels apart from fractions, so that 100,000 px stay exact. */
import type { Scene } from "../scene";
import { viewRect } from "../camera";
import type { Program } from "./program";

/** Device pixels of the canvas. */
export const deviceSize = (scene: Scene): readonly [number, number] => [
  Math.max(1, Math.round(scene.size.width * scene.size.density)),
  Math.max(1, Math.round(scene.size.height * scene.size.density)),
];

/** Image pixels per device pixel. */
export const imagePerDevice = (scene: Scene): number => 1 / (scene.camera.zoom * scene.size.density);

export function setPlace(gl: WebGL2RenderingContext, program: Program, scene: Scene): void {
  const corner = viewRect(scene.camera, scene.size);
  const [x, y] = [Math.floor(corner.x0), Math.floor(corner.y0)];
  gl.uniform2i(program.at("uOrigin"), x, y);
  gl.uniform2f(program.at("uOriginRest"), corner.x0 - x, corner.y0 - y);
  gl.uniform1f(program.at("uPerPixel"), imagePerDevice(scene));
  gl.uniform1f(program.at("uCanvasHeight"), deviceSize(scene)[1]);
}

/** GLSL: `local(px)` is the image place of a device pixel (from the top left), counted from uOrigin. */
export const PLACE_GLSL = `
uniform ivec2 uOrigin;
uniform vec2 uOriginRest;
uniform float uPerPixel;
uniform float uCanvasHeight;
vec2 devicePixel() { return vec2(gl_FragCoord.x, uCanvasHeight - gl_FragCoord.y); }
vec2 local(vec2 px) { return uOriginRest + px * uPerPixel; }
`;
