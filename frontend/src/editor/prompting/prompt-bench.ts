/** Who answers orders: the nets, the embeddings of some frames, and the last answer of each proposal. */
import { runsOfMask } from "../core/runs";
import { Missing } from "./answering";
import type { AnswerDesk, Decode, Prompt } from "./answering";
import type { PromptFiles, PromptModel } from "./contract";
import { FrameEmbedding, tileArea } from "./embedding";
import type { TileAt } from "./embedding";
import { lookAt, see } from "./looking";
import type { PromptAnswerOf, PromptAskOf, PromptKind, PromptReply } from "./orders";
import type { Size, Window } from "./windows";
import { reachOf } from "./windows";
import { answerZoomed, enlargePlane, enlargeSize } from "./zooming";
import type { Zoom, ZoomedAnswer } from "./zooming";

/** What the two nets do; made by `openNets` in a worker, by hand in tests. */
export interface Nets {
  /** (3, height, width) → features by row and column at half the resolution, −1 … 1. */
  readonly encode: (picture: Float32Array, height: number, width: number) => Promise<Float32Array>;
  readonly decode: Decode;
}

export type OpenNets = (files: PromptFiles) => Promise<Nets>;

/** Embeddings of frames stay up to so many bytes; the oldest go first. */
const MOST_BYTES = 96 * 2 ** 20;
const MOST_ANSWERS = 32;
const ZOOMS: readonly Zoom[] = [1, 2];

const keyOf = (frame: string, zoom: Zoom): string => `${frame}@${zoom}`;

interface Remembered {
  readonly frame: string;
  readonly prompt: Prompt;
  readonly found: ZoomedAnswer;
}

export class PromptBench {
  #ready: { readonly model: PromptModel; readonly nets: Nets } | null = null;
  readonly #frames = new Map<string, FrameEmbedding>();
  readonly #answers = new Map<number, Remembered>();

  constructor(
    private readonly openNets: OpenNets,
    private readonly now: () => number,
  ) {}

  answer<K extends PromptKind>(kind: K, ask: PromptAskOf<K>): Promise<PromptAnswerOf<K>> {
    return (this.#does[kind] as (ask: PromptAskOf<K>) => Promise<PromptAnswerOf<K>>)(ask);
  }

  readonly #does: { readonly [K in PromptKind]: (ask: PromptAskOf<K>) => Promise<PromptAnswerOf<K>> } = {
    load: async (files) => {
      const began = this.now();
      this.#ready ??= { model: files.model, nets: await this.openNets(files) };
      return this.now() - began;
    },
    look: (plane) => Promise.resolve(lookAt(plane, this.#here.model.normalisation)),
    open: ({ frame, size }) => Promise.resolve(this.#open(frame, size)),
    missing: ({ frame, zoom, tiles }) => Promise.resolve(tiles.filter((at) => !this.#frame(keyOf(frame, zoom)).has(at))),
    keep: ({ frame, zoom, at, bytes }) => Promise.resolve(this.#keep(keyOf(frame, zoom), at, bytes)),
    encode: (ask) => this.#encode(ask),
    answer: (ask) => this.#answer(ask),
    forget: ({ key }) => {
      this.#answers.delete(key);
      return Promise.resolve(null);
    },
  };

  get #here(): { readonly model: PromptModel; readonly nets: Nets } {
    if (!this.#ready) throw new Error("The click model is not loaded yet; click again.");
    return this.#ready;
  }

  #frame(key: string): FrameEmbedding {
    const frame = this.#frames.get(key);
    if (!frame) throw new Error("The embedding of this frame is no longer here; click again.");
    return frame;
  }

  #open(name: string, size: Size): null {
    for (const zoom of ZOOMS) {
      const key = keyOf(name, zoom);
      const frame = this.#frames.get(key) ?? new FrameEmbedding(this.#here.model, enlargeSize(size, zoom));
      this.#frames.delete(key);
      this.#frames.set(key, frame);
    }
    return null;
  }

  #keep(key: string, at: PromptAskOf<"keep">["at"], bytes: Uint8Array): null {
    this.#frame(key).put(at, bytes);
    let sum = [...this.#frames.values()].reduce((all, frame) => all + frame.bytes, 0);
    for (const [old, frame] of this.#frames) {
      if (sum <= MOST_BYTES || old.slice(0, -2) === key.slice(0, -2)) break;
      sum -= frame.bytes;
      this.#frames.delete(old);
    }
    // One frame alone can be larger than the room: what is far from the newest tile goes.
    if (sum > MOST_BYTES) this.#frame(key).drop(({ ty, tx }) => Math.max(Math.abs(ty - at.ty), Math.abs(tx - at.tx)) <= 2);
    return null;
  }

  async #encode({ frame: name, zoom, at, plane, look }: PromptAskOf<"encode">): Promise<null> {
    const { model, nets } = this.#here;
    const frame = keyOf(name, zoom);
    const { size } = this.#frame(frame);
    const seen = see(enlargePlane(plane, zoom), look, model.normalisation, model.multiple_px);
    const made = await nets.encode(seen.data, seen.height, seen.width);
    const [area, whole] = [tileArea(model, size, at), tileArea(model, size, at, model.margin_px)];
    const cell = model.stride_px;
    const [top, left] = [(area.y0 - whole.y0) / cell, (area.x0 - whole.x0) / cell];
    const [height, width] = [Math.ceil((area.y1 - area.y0) / cell), Math.ceil((area.x1 - area.x0) / cell)];
    const [rows, columns] = [seen.height / cell, seen.width / cell];
    const bytes = new Uint8Array(model.features * height * width);
    for (let i = 0; i < bytes.length; i++) {
      const [f, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      bytes[i] = Math.round((made[(f * rows + y + top) * columns + x + left] + 1) * 127.5);
    }
    return this.#keep(frame, at, bytes);
  }

  async #answer({ frame: name, key: proposal, prompt, zoom }: PromptAskOf<"answer">): Promise<PromptReply> {
    try {
      const { found, mask } = await answerZoomed((at) => this.#deskAt(name, at), prompt, this.#before(name, proposal, prompt), zoom);
      this.#remember(proposal, { frame: name, prompt, found });
      const runs = mask.width > 0 ? runsOfMask(mask.data, mask.width, mask.top, mask.left) : [];
      return { kind: "mask", runs, quality: found.answer.quality, zoom: found.zoom };
    } catch (error) {
      if (error instanceof Missing) return { kind: "missing", ...this.#missingOf(name, error) };
      throw error;
    }
  }

  #deskAt(name: string, zoom: Zoom): AnswerDesk {
    const { model, nets } = this.#here;
    const frame = this.#frame(keyOf(name, zoom));
    const need = (window: Window): void => {
      if (frame.tilesOf(reachOf(model, window, frame.size)).some((at) => !frame.has(at))) throw new Missing(window, frame);
    };
    return { model, frame, decode: nets.decode, need };
  }

  #missingOf(name: string, { window, frame }: Missing): { zoom: Zoom; tiles: TileAt[] } {
    const zoom = frame === this.#frame(keyOf(name, 2)) ? 2 : 1;
    return { zoom, tiles: frame.tilesOf(reachOf(frame.model, window, frame.size)).filter((at) => !frame.has(at)) };
  }

  /** The answer to all but the last click, where that is what was answered last. */
  #before(frame: string, key: number, prompt: Prompt): ZoomedAnswer | null {
    const last = this.#answers.get(key);
    if (last?.frame !== frame || last.prompt.clicks.length + 1 !== prompt.clicks.length) return null;
    const same = last.prompt.clicks.every((click, i) => click.y === prompt.clicks[i].y && click.x === prompt.clicks[i].x && click.sign === prompt.clicks[i].sign);
    return same ? last.found : null;
  }

  #remember(key: number, remembered: Remembered): void {
    this.#answers.delete(key);
    this.#answers.set(key, remembered);
    for (const old of this.#answers.keys()) if (this.#answers.size > MOST_ANSWERS) this.#answers.delete(old);
  }
}
