/** What can be asked of the craft, and who answers: the same functions in a worker, or on the page's own thread. */
import type { Runs } from "../core/runs";
import { fitToEdges } from "./edge-fit";
import type { EdgeFit, EdgeFitAsk } from "./edge-fit";
import type { Grey } from "./grey";
import { LiveWire } from "./live-wire";
import { piecesOf } from "./pieces";
import type { PiecesAsk } from "./pieces";
import { Splitter } from "./split";
import type { SplitAnswer, SplitBy } from "./split";
import { thresholdMask } from "./thresholds";
import type { ThresholdAsk } from "./thresholds";
import { Wand } from "./wand";
import type { WandAnswer, WandAsk } from "./wand";

type At = { readonly x: number; readonly y: number };

export interface CraftOrders {
  threshold: {
    ask: { readonly grey: Grey; readonly smoothing_px: number; readonly how: ThresholdAsk; readonly side: "bright" | "dark"; readonly pieces: PiecesAsk };
    answer: { readonly pieces: readonly Runs[]; readonly threshold: number | null };
  };
  autofit: { ask: EdgeFitAsk; answer: EdgeFit };
  /** Gestures of many steps: what the first one computes stays on the bench under its key. */
  "split.open": { ask: { readonly key: number; readonly mask: Uint8Array; readonly width: number; readonly at: At; readonly grey: Grey | null; readonly smoothing_px: number }; answer: null };
  "split.seeds": { ask: { readonly key: number; readonly seeds: readonly number[]; readonly on: "auto" | SplitBy }; answer: SplitAnswer };
  "wand.open": { ask: WandAsk & { readonly key: number }; answer: null };
  "wand.reach": { ask: { readonly key: number; readonly tolerance: number; readonly fillsHoles: boolean }; answer: WandAnswer };
  "wire.open": { ask: { readonly key: number; readonly grey: Grey; readonly anchor: number; readonly smoothing_px: number; readonly pull: number }; answer: null };
  "wire.path": { ask: { readonly key: number; readonly target: number }; answer: { readonly path: readonly number[] } };
}

export type CraftKind = keyof CraftOrders;
export type AskOf<K extends CraftKind> = CraftOrders[K]["ask"];
export type AnswerOf<K extends CraftKind> = CraftOrders[K]["answer"];

/** Things of so many gestures stay on the bench. */
const MOST_KEPT = 4;

export class CraftBench {
  readonly #kept = new Map<number, Splitter | LiveWire | Wand>();

  answer<K extends CraftKind>(kind: K, ask: AskOf<K>): AnswerOf<K> {
    return (this.#does[kind] as (ask: AskOf<K>) => AnswerOf<K>)(ask);
  }

  readonly #does: { readonly [K in CraftKind]: (ask: AskOf<K>) => AnswerOf<K> } = {
    threshold: ({ grey, smoothing_px, how, side, pieces }) => {
      const { mask, threshold } = thresholdMask(grey, smoothing_px, how, side);
      return { pieces: piecesOf(mask, pieces), threshold };
    },
    autofit: fitToEdges,
    "split.open": ({ key, mask, width, at, grey, smoothing_px }) => this.#keep(key, new Splitter(mask, width, at, grey, smoothing_px)),
    "split.seeds": ({ key, seeds, on }) => this.#take(key, Splitter).split(seeds, on),
    "wand.open": ({ key, ...ask }) => this.#keep(key, new Wand(ask)),
    "wand.reach": ({ key, tolerance, fillsHoles }) => this.#take(key, Wand).reach(tolerance, fillsHoles),
    "wire.open": ({ key, grey, anchor, smoothing_px, pull }) => this.#keep(key, new LiveWire(grey, anchor, smoothing_px, pull)),
    "wire.path": ({ key, target }) => ({ path: this.#take(key, LiveWire).path(target) }),
  };

  #keep(key: number, thing: Splitter | LiveWire | Wand): null {
    this.#kept.set(key, thing);
    for (const old of this.#kept.keys()) if (this.#kept.size > MOST_KEPT) this.#kept.delete(old);
    return null;
  }

  #take<T extends Splitter | LiveWire | Wand>(key: number, type: new (...args: never[]) => T): T {
    const thing = this.#kept.get(key);
    if (thing instanceof type) return thing;
    throw new Error("This gesture is no longer on the bench; begin it again.");
  }
}
