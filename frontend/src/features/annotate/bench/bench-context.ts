import { createContext, use, useSyncExternalStore } from "react";
import { useMe } from "@/api/session";
import type { Autosave } from "../saving/autosave";
import { openTaste, type Taste, type TasteStore } from "../taste/taste";
import type { Branch, Image, LabelClass } from "../types";

/** What is on the bench: one image, one line of its labels, and what may be done with it. */
export interface Bench {
  readonly project: string;
  readonly image: Image;
  readonly branch: Branch;
  readonly classes: readonly LabelClass[];
  /** An old revision that is only looked at; undefined for the newest. */
  readonly revision: number | undefined;
  /** Nothing can be drawn on what is shown. */
  readonly readOnly: boolean;
  /** The person may change these labels, if only in their newest state. */
  readonly mayChange: boolean;
  /** Null where nothing can be edited. */
  readonly autosave: Autosave | null;
  readonly task: string | undefined;
}

export const BenchContext = createContext<Bench | null>(null);

export function useBench(): Bench {
  const bench = use(BenchContext);
  if (!bench) throw new Error("There is no bench around this component.");
  return bench;
}

const stores = new Map<string, TasteStore>();

function storeOf(person: string): TasteStore {
  const store = stores.get(person) ?? openTaste(localStorage, person);
  stores.set(person, store);
  return store;
}

/** The signed-in person's taste. */
export function useTaste(): [Taste, TasteStore["set"]] {
  const store = storeOf(useMe().id);
  return [useSyncExternalStore(store.subscribe, store.get), store.set];
}
