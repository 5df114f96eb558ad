/**
 * Click-to-segment for one document: brings the model and the parts of the embedding that a click needs, each once, and asks.
 * The embedding comes from the server where it has one; else it is made here, so that nothing stops when the network does.
 */
import type { Desk } from "../commands/desk";
import type { LabelDocument, PixelRequest, PromptProvider } from "../host";
import type { Runs } from "../core/runs";
import { promptWorker } from "../workers/prompt-client";
import type { PromptClient } from "../workers/prompt-client";
import type { Prompt } from "./answering";
import { answerClassically } from "./classical";
import type { PromptModel } from "./contract";
import { isTile, tileArea } from "./embedding";
import type { TileAt } from "./embedding";
import type { Look, Plane } from "./looking";
import type { PromptReply } from "./orders";
import type { Size } from "./windows";
import { enlargeSize } from "./zooming";
import type { Zoom } from "./zooming";

/** The look of a frame is measured on the finest level of the pyramid with no more pixels than this. */
const LOOK_PX = 2 ** 20;
const MOST_CHANNELS = 3;
/** A server that made no embedding is asked again after so long. ms */
const ASK_AGAIN_MS = 60_000;

export interface Ask {
  readonly key: number;
  readonly prompt: Prompt;
}

/** What is said while somebody waits. */
export type Say = (sentence: string) => void;

export interface Segmented {
  readonly runs: Runs;
  /** 0 to 1, where the answerer knows. */
  readonly quality: number | undefined;
}

interface Place {
  readonly t: number;
  readonly z: number;
  readonly channels: readonly number[];
}

/** A tile of a frame's embedding at a zoom. */
interface Part {
  readonly frame: string;
  readonly zoom: Zoom;
  readonly at: TileAt;
}

export interface PromptingOptions {
  readonly client: PromptClient;
  readonly now: () => number;
  readonly hasWasm: boolean;
}

const REAL: PromptingOptions = { client: promptWorker, now: () => performance.now(), hasWasm: typeof WebAssembly === "object" };

export class Prompting {
  #model: Promise<PromptModel> | null = null;
  /** Name of the model that answers, once it is here. */
  modelName: string | null = null;
  #loaded = 0;
  #serverBack_ms = 0;
  /** Where the next first click starts: where the last cell was found. */
  #zoom: Zoom = 1;
  readonly #looks = new Map<string, Promise<Look>>();
  readonly #flying = new Map<string, Promise<void>>();

  constructor(
    private readonly document: LabelDocument,
    private readonly options: PromptingOptions = REAL,
  ) {}

  /** Answers a prompt; says what is waited for. Rejects with a sentence. */
  async answer(desk: Desk, ask: Ask, say: Say): Promise<Segmented> {
    const place = placeOf(desk);
    const provider = this.document.prompts;
    const larger = await provider?.answer?.({ ...place, ...ask.prompt });
    if (larger) return larger;
    if (!provider || !this.options.hasWasm) return answerClassically(desk, ask.prompt, place.channels[0]);
    const model = await this.#load(provider, say);
    return this.#ask(desk, model, place, ask, say);
  }

  /** Ahead of need: the model, and the part of the embedding around a place. */
  async warm(desk: Desk, at: { readonly y: number; readonly x: number }): Promise<void> {
    const provider = this.document.prompts;
    if (!provider || !this.options.hasWasm) return;
    const model = await this.#load(provider, () => undefined);
    const place = placeOf(desk);
    const zoom = this.#zoom;
    const tile = { ty: Math.floor((at.y * zoom) / model.tile_px), tx: Math.floor((at.x * zoom) / model.tile_px) };
    if (!isTile(model, this.#sizeAt(zoom), tile)) return;
    const frame = await this.#open(model, place);
    const missing = await this.options.client.ask("missing", { frame, zoom, tiles: [tile] });
    if (missing.length > 0) await this.#bring(desk, model, place, { frame, zoom, at: tile });
  }

  forget(key: number): void {
    if (this.#model) void this.options.client.ask("forget", { key }).catch(() => undefined);
  }

  // ------------------------------------------------------------ the model

  async #load(provider: PromptProvider, say: Say): Promise<PromptModel> {
    const telling = (fraction: number): void => {
      this.#loaded = fraction;
    };
    this.#model ??= provider.load(telling).then(async (files) => {
      await this.options.client.ask("load", files);
      this.modelName = files.model.name;
      return files.model;
    });
    const told = setInterval(() => say(`Loading the click model: ${Math.round(100 * this.#loaded)} %.`), 200);
    try {
      return await this.#model;
    } catch (error) {
      this.#model = null;
      throw error;
    } finally {
      clearInterval(told);
    }
  }

  // ------------------------------------------------------------ asking

  async #ask(desk: Desk, model: PromptModel, place: Place, ask: Ask, say: Say): Promise<Segmented> {
    const frame = await this.#open(model, place);
    for (;;) {
      const reply: PromptReply = await this.options.client.ask("answer", { frame, key: ask.key, prompt: ask.prompt, zoom: this.#zoom });
      if (reply.kind === "mask") {
        this.#zoom = reply.zoom;
        return { runs: reply.runs, quality: reply.quality };
      }
      for (const [i, tile] of reply.tiles.entries()) {
        say(`Reading the picture around the click: part ${i + 1} of ${reply.tiles.length}.`);
        await this.#bring(desk, model, place, { frame, zoom: reply.zoom, at: tile });
      }
    }
  }

  async #open(model: PromptModel, place: Place): Promise<string> {
    const frame = [this.document.id, model.digest, place.t, place.z, ...place.channels].join("/");
    await this.options.client.ask("open", { frame, size: { height: this.document.size.y, width: this.document.size.x } });
    return frame;
  }

  #sizeAt(zoom: Zoom): Size {
    return enlargeSize({ height: this.document.size.y, width: this.document.size.x }, zoom);
  }

  /** A tile of the embedding, once however many ask. */
  #bring(desk: Desk, model: PromptModel, place: Place, part: Part): Promise<void> {
    const key = `${part.frame}/${part.zoom}/${part.at.ty}/${part.at.tx}`;
    const flying = this.#flying.get(key) ?? this.#fetchOrMake(desk, model, place, part).finally(() => this.#flying.delete(key));
    this.#flying.set(key, flying);
    return flying;
  }

  async #fetchOrMake(desk: Desk, model: PromptModel, place: Place, part: Part): Promise<void> {
    const bytes = await this.#fetch(model, place, part);
    if (bytes) {
      await this.options.client.ask("keep", { ...part, bytes });
      return;
    }
    const area = tileArea(model, this.#sizeAt(part.zoom), part.at, model.margin_px);
    const [y0, x0, y1, x1] = [area.y0, area.x0, area.y1, area.x1].map((side) => side / part.zoom);
    const crop = await desk.readCrop({ y0, x0, y1, x1 }, place.channels, place);
    const plane = { height: crop.rect.y1 - crop.rect.y0, width: crop.rect.x1 - crop.rect.x0, channels: crop.channels };
    await this.options.client.ask("encode", { ...part, plane, look: await this.#look(place, part.frame) });
  }

  async #fetch(model: PromptModel, place: Place, { zoom, at }: Part): Promise<Uint8Array | null> {
    if (this.options.now() < this.#serverBack_ms) return null;
    try {
      const bytes = (await this.document.prompts?.readTile({ ...place, ...at, zoom, digest: model.digest })) ?? null;
      if (!bytes) this.#serverBack_ms = this.options.now() + ASK_AGAIN_MS;
      return bytes;
    } catch {
      // No network, or a server without an engine: the browser makes it.
      this.#serverBack_ms = this.options.now() + ASK_AGAIN_MS;
      return null;
    }
  }

  // ------------------------------------------------------------ the frame's look

  #look(place: Place, frame: string): Promise<Look> {
    const known = this.#looks.get(frame) ?? this.#readCoarse(place).then((plane) => this.options.client.ask("look", plane));
    this.#looks.set(frame, known);
    known.catch(() => this.#looks.delete(frame));
    return known;
  }

  /** The finest level of the pyramid that is small enough. */
  async #readCoarse({ t, z, channels }: Place): Promise<Plane> {
    const { pyramid } = this.document;
    const found = pyramid.findIndex((level) => level.height_px * level.width_px <= LOOK_PX);
    const level = found < 0 ? pyramid.length - 1 : found;
    const { height_px: height, width_px: width } = pyramid[level];
    return { height, width, channels: await Promise.all(channels.map((c) => this.#readLevel({ level, t, z, c }, height, width))) };
  }

  async #readLevel(at: Omit<PixelRequest, "ty" | "tx">, height: number, width: number): Promise<Float32Array> {
    const edge = this.document.pixelTilePx;
    const into = new Float32Array(height * width);
    const read = async (ty: number, tx: number): Promise<void> => {
      const data = await this.document.pixels.readTile({ ...at, ty, tx }, new AbortController().signal);
      const [rows, columns] = [Math.min(edge, height - ty * edge), Math.min(edge, width - tx * edge)];
      // An edge tile may come whole or cut to the image.
      const stride = data.length === edge * edge ? edge : columns;
      for (let y = 0; y < rows; y++) into.set(data.subarray(y * stride, y * stride + columns), (ty * edge + y) * width + tx * edge);
    };
    const jobs: Promise<void>[] = [];
    for (let ty = 0; ty * edge < height; ty++) for (let tx = 0; tx * edge < width; tx++) jobs.push(read(ty, tx));
    await Promise.all(jobs);
    return into;
  }
}

/** The first three channels that are shown. */
function placeOf({ outlook }: Desk): Place {
  const shown = outlook.channels.flatMap((look, c) => (look.visible ? [c] : [])).slice(0, MOST_CHANNELS);
  return { t: outlook.t, z: outlook.z, channels: shown.length > 0 ? shown : [0] };
}

const rooms = new WeakMap<LabelDocument, Prompting>();

export function promptingOf(document: LabelDocument): Prompting {
  const room = rooms.get(document) ?? new Prompting(document);
  rooms.set(document, room);
  return room;
}

/** Tests put their own in. */
export const setPrompting = (document: LabelDocument, room: Prompting): void => void rooms.set(document, room);
