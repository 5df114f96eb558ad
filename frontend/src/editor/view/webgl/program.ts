/** Shaders and textures, with errors that say what failed. */

export class GraphicsError extends Error {
  override readonly name = "GraphicsError";
}

export interface Program {
  readonly handle: WebGLProgram;
  /** Cached; null for a uniform the compiler dropped, which WebGL ignores. */
  at(name: string): WebGLUniformLocation | null;
}

/** One triangle over the whole viewport; made without any buffer. */
export const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

export function programOf(gl: WebGL2RenderingContext, fragment: string, vertex = VERTEX): Program {
  const handle = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new GraphicsError("The graphics card gave no shader; reload the page.");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(handle, shader);
    const failed = !gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost();
    if (failed) throw new GraphicsError(`A shader does not compile: ${gl.getShaderInfoLog(shader) ?? ""}`);
  }
  gl.linkProgram(handle);
  if (!gl.getProgramParameter(handle, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new GraphicsError(`Shaders do not fit together: ${gl.getProgramInfoLog(handle) ?? ""}`);
  }
  const places = new Map<string, WebGLUniformLocation | null>();
  const at = (name: string): WebGLUniformLocation | null => {
    if (!places.has(name)) places.set(name, gl.getUniformLocation(handle, name));
    return places.get(name) ?? null;
  };
  return { handle, at };
}

/** An unfiltered texture: labels and raw grey values must never be mixed. */
export function textureOf(gl: WebGL2RenderingContext, format: number, width: number, height: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
  return texture;
}

/** Reading beyond an edge goes on at the opposite one. */
export function repeatingTextureOf(gl: WebGL2RenderingContext, format: number, width: number, height: number): WebGLTexture {
  const texture = textureOf(gl, format, width, height);
  for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, name, gl.REPEAT);
  return texture;
}

export function bindTexture(gl: WebGL2RenderingContext, unit: number, texture: WebGLTexture | null): void {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
}
