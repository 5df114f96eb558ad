/** What goes to and from the craft worker. */
import type { AnswerOf, AskOf, CraftBench, CraftKind } from "../craft/orders";

export interface CraftOrder {
  readonly number: number;
  readonly kind: CraftKind;
  readonly ask: AskOf<CraftKind>;
}

export type CraftReply =
  | { readonly number: number; readonly answer: AnswerOf<CraftKind> }
  | { readonly number: number; readonly error: string };

export function answerOn(bench: CraftBench, { number, kind, ask }: CraftOrder): CraftReply {
  try {
    return { number, answer: bench.answer(kind, ask) };
  } catch (error) {
    return { number, error: error instanceof Error ? error.message : String(error) };
  }
}
