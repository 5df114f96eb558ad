/** Pixel tiles on the graphics card, the least recently drawn given up first. */
import type { PixelRequest } from "@/editor/host";
import { pixelKey } from "../scene";
import type { PixelTile, Scene } from "../scene";
import { textureOf } from "./program";

interface Held {
  readonly texture: WebGLTexture;
  readonly tile: PixelTile;
  readonly bytes: number;
}

export class PixelTextures {
  /** In the order of last use. */
  readonly #held = new Map<string, Held>();
  #bytes = 0;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly most_bytes: number,
  ) {}

  /** The texture of a tile that is here; uploads it at first use. */
  get(scene: Scene, request: PixelRequest): Held | undefined {
    const key = pixelKey(request);
    const held = this.#held.get(key) ?? this.#upload(scene, request);
    if (!held) return undefined;
    this.#held.delete(key);
    this.#held.set(key, held);
    return held;
  }

  #upload(scene: Scene, request: PixelRequest): Held | undefined {
    const tile = scene.pixels(request);
    if (!tile) return undefined;
    const { gl } = this;
    const [internal, format, type] = formatOf(gl, scene.pixelType);
    const texture = textureOf(gl, internal, tile.width, tile.height);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, tile.width, tile.height, format, type, tile.data);
    this.#bytes += tile.data.byteLength;
    return { texture, tile, bytes: tile.data.byteLength };
  }

  /** Call after a draw: what was drawn last stays. */
  trim(): void {
    for (const [key, held] of this.#held) {
      if (this.#bytes <= this.most_bytes) return;
      this.gl.deleteTexture(held.texture);
      this.#held.delete(key);
      this.#bytes -= held.bytes;
    }
  }

  clear(): void {
    for (const held of this.#held.values()) this.gl.deleteTexture(held.texture);
    this.#held.clear();
    this.#bytes = 0;
  }
}

function formatOf(gl: WebGL2RenderingContext, type: Scene["pixelType"]): readonly [number, number, number] {
  if (type === "uint8") return [gl.R8UI, gl.RED_INTEGER, gl.UNSIGNED_BYTE];
  if (type === "uint16") return [gl.R16UI, gl.RED_INTEGER, gl.UNSIGNED_SHORT];
  return [gl.R32F, gl.RED, gl.FLOAT];
}
