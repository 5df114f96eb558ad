/** Who does what: one function for each kind of command of a family. */
import type { Desk } from "./desk";

export type Doers<C extends { readonly kind: string }> = {
  readonly [K in C["kind"]]: (desk: Desk, command: Extract<C, { readonly kind: K }>) => void;
};
