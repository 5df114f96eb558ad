import type { Keymap } from "@/editor";
import { createContext, use } from "react";

/** A word of the page itself, over the picture. */
export interface PageNotice {
  readonly key: number;
  readonly text: string;
  /** The last step can be taken back from here. */
  readonly undo: boolean;
}

export interface MenuPlace {
  /** Client px. */
  readonly x: number;
  readonly y: number;
  readonly cell: number | null;
}

/** What the page around the editor is showing; nothing of it outlives the visit. */
export interface BenchShowing {
  /** Digits say the class of the selected cells. */
  readonly classMode: boolean;
  readonly keysDialog: boolean;
  readonly menu: MenuPlace | null;
  /** The lists, where they lie over the picture instead of beside it. */
  readonly sheet: boolean;
  readonly notices: readonly PageNotice[];
}

export const NOTHING_SHOWING: BenchShowing = { classMode: false, keysDialog: false, menu: null, sheet: false, notices: [] };

/** What can be done with the page, whatever it is showing: it stays the same object while that changes. */
export interface BenchDoings {
  /** The keys that hold now, the person's own and class keys included. */
  readonly keymap: Keymap;
  readonly show: (change: Partial<BenchShowing>) => void;
  /** Says something over the picture for a while; with `undo`, the last step can be taken back. */
  readonly tell: (text: string, undo?: boolean) => void;
  /** Does an action by its name, the editor's or the page's. */
  readonly act: (action: string) => void;
}

export interface BenchPage extends BenchShowing, BenchDoings {}

export const BenchPageContext = createContext<BenchPage | null>(null);
export const BenchDoingsContext = createContext<BenchDoings | null>(null);

export function useBenchPage(): BenchPage {
  const page = use(BenchPageContext);
  if (!page) throw new Error("There is no bench around this component.");
  return page;
}

/** For what only does or names something: notices that come and go do not draw it again. */
export function useBenchDoings(): BenchDoings {
  const doings = use(BenchDoingsContext);
  if (!doings) throw new Error("There is no bench around this component.");
  return doings;
}
