/** Cells as discs of their area, drawn into the picture of ids: colours, outlines and selection follow as for labels. */
import type { StubLayer } from "@/editor/reading/stub-layer";
import type { Scene } from "../scene";
import { deviceSize, imagePerDevice, setPlace } from "./place";
import { programOf } from "./program";
import type { Program } from "./program";

/** A disc is at least so wide, device px. */
const LEAST_PX = 3;
const ROW_BYTES = 16;

const STUB_VERTEX = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in uvec4 stub;   // cell, y, x, area
uniform ivec2 uOrigin;
uniform vec2 uOriginRest;
uniform float uPerPixel;
uniform vec2 uCanvas;
uniform float uLeast;
flat out uint cell;

void main() {
  vec2 place = vec2(ivec2(stub.zy) - uOrigin) + 0.5 - uOriginRest;
  vec2 px = place / uPerPixel;
  gl_Position = vec4(px.x / uCanvas.x * 2.0 - 1.0, 1.0 - px.y / uCanvas.y * 2.0, 0.0, 1.0);
  gl_PointSize = clamp(2.0 * sqrt(float(stub.w) / 3.14159265) / uPerPixel, uLeast, 64.0);
  cell = stub.x;
}`;

const STUB_FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
flat in uint cell;
out uvec2 cells;

void main() {
  vec2 away = gl_PointCoord - 0.5;
  if (dot(away, away) > 0.25) discard;
  cells = uvec2(cell, 0u);
}`;

export class StubPass {
  readonly #program: Program;
  readonly #points: WebGLVertexArrayObject;
  readonly #buffer: WebGLBuffer;
  #uploaded: StubLayer | null = null;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.#program = programOf(gl, STUB_FRAGMENT, STUB_VERTEX);
    this.#points = gl.createVertexArray();
    this.#buffer = gl.createBuffer();
    gl.bindVertexArray(this.#points);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribIPointer(0, 4, gl.UNSIGNED_INT, ROW_BYTES, 0);
    gl.bindVertexArray(null);
  }

  /** Into the bound framebuffer and scissor. */
  draw(scene: Scene, layer: StubLayer): void {
    const { gl } = this;
    this.#upload(layer);
    gl.useProgram(this.#program.handle);
    setPlace(gl, this.#program, scene);
    const [width, height] = deviceSize(scene);
    gl.uniform2f(this.#program.at("uCanvas"), width, height);
    gl.uniform1f(this.#program.at("uLeast"), LEAST_PX * scene.size.density);
    gl.uniform1f(this.#program.at("uPerPixel"), imagePerDevice(scene));
    gl.bindVertexArray(this.#points);
    gl.drawArrays(gl.POINTS, 0, layer.count);
    gl.bindVertexArray(null);
  }

  #upload(layer: StubLayer): void {
    if (layer === this.#uploaded) return;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.#buffer);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, layer.stubs.rows, this.gl.STATIC_DRAW);
    this.#uploaded = layer;
  }

  destroy(): void {
    this.gl.deleteBuffer(this.#buffer);
    this.gl.deleteVertexArray(this.#points);
  }
}
