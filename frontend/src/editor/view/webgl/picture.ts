/** A texture of the canvas's size to draw into, that can be moved along by whole pixels. */
import type { Point, Rect } from "@/editor/core/geometry";
import { textureOf } from "./program";

export class Picture {
  texture: WebGLTexture | null = null;
  /** The other of two: what is drawn cannot be copied onto itself. */
  #spare: WebGLTexture | null = null;
  readonly #framebuffer: WebGLFramebuffer;
  #width = 0;
  #height = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    /** Internal format. */
    private readonly format: number,
  ) {
    this.#framebuffer = gl.createFramebuffer();
  }

  resize(width: number, height: number): void {
    this.destroy();
    [this.#width, this.#height] = [width, height];
    this.texture = textureOf(this.gl, this.format, width, height);
    this.#attach();
  }

  #attach(): void {
    const { gl } = this;
    this.bind();
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
  }

  /** What is drawn now goes here. */
  bind(): void {
    this.gl.bindFramebuffer(this.gl.FRAMEBUFFER, this.#framebuffer);
  }

  /** Moves what is drawn, to the right and down; what comes in at the edges is to be drawn. */
  move({ x, y }: Point): void {
    const { gl } = this;
    const [width, height] = [this.#width - Math.abs(x), this.#height - Math.abs(y)];
    if ((x === 0 && y === 0) || width <= 0 || height <= 0) return;
    this.#spare ??= textureOf(gl, this.format, this.#width, this.#height);
    this.bind();
    gl.bindTexture(gl.TEXTURE_2D, this.#spare);
    // WebGL counts rows from below.
    gl.copyTexSubImage2D(gl.TEXTURE_2D, 0, Math.max(0, x), Math.max(0, -y), Math.max(0, -x), Math.max(0, y), width, height);
    [this.texture, this.#spare] = [this.#spare, this.texture];
    this.#attach();
  }

  /** Copies a rectangle of device px, counted from the upper left, onto the canvas. */
  show({ x0, y0, x1, y1 }: Rect): void {
    const { gl } = this;
    const [below, above] = [this.#height - y1, this.#height - y0];
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#framebuffer);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(x0, below, x1, above, x0, below, x1, above, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  destroy(): void {
    this.gl.deleteTexture(this.texture);
    this.gl.deleteTexture(this.#spare);
    this.texture = this.#spare = null;
  }
}
