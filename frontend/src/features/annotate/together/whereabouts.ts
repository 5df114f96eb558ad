import type { EditorState } from "@/editor";

/** Where a person is in the picture, as it is told to the others. */
export interface Whereabouts {
  readonly t: number;
  readonly z: number;
  /** Image px; null when the pointer is not over the picture. */
  readonly y: number | null;
  readonly x: number | null;
  readonly cells: readonly number[];
  readonly tool: string;
}

const MOST_CELLS = 50;
/** At most four messages a second while somebody is there to see them. */
export const SPACING_MS = 250;
/** How often one is heard of who does nothing, or is alone. */
export const HEARTBEAT_MS = 8_000;

export const whereaboutsOf = ({ t, z, hover, selected, tool }: EditorState): Whereabouts => ({
  t, z, y: hover?.y ?? null, x: hover?.x ?? null, cells: selected.slice(0, MOST_CELLS), tool,
});

/** Tells the others where one is: quickly in company, rarely alone. */
export class Teller {
  #here: Whereabouts | null = null;
  #told = "";
  #toldAt_ms = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #company = false;

  constructor(
    private readonly tell: (here: Whereabouts) => void,
    private readonly now: () => number = Date.now,
  ) {}

  move(here: Whereabouts): void {
    this.#here = here;
    this.#plan();
  }

  setCompany(company: boolean): void {
    this.#company = company;
    this.#plan();
  }

  /** Somebody new does not know yet that one is here. */
  introduce(): void {
    this.#toldAt_ms = -Infinity;
    this.#plan();
  }

  #plan(): void {
    if (!this.#here) return;
    const isNews = JSON.stringify(this.#here) !== this.#told;
    const wait_ms = this.#toldAt_ms + (this.#company && isNews ? SPACING_MS : HEARTBEAT_MS) - this.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#say(), Math.max(0, wait_ms));
  }

  #say(): void {
    if (!this.#here) return;
    this.#told = JSON.stringify(this.#here);
    this.#toldAt_ms = this.now();
    this.tell(this.#here);
    this.#plan();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#here = null;
  }
}
