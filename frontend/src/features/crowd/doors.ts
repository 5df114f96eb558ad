/** The worker's doors of the server, as the session asks them. */
import type { Feedback, Kind, Question, Value } from "@/microtasks/types";

export type WorkerState = "TRAINING" | "WORKING" | "FINISHED" | "REFUSED" | "EXCLUDED";
export type EndReason = "FINISHED" | "NOTHING_NOW" | "PAUSED" | "CLOSED" | "REFUSED" | "EXCLUDED";

export interface Me {
  readonly name: string;
  readonly state: WorkerState;
  readonly answered: number;
  readonly training_left: number;
  /** Why somebody was refused or excluded. */
  readonly reason: string;
}

export interface OpenCampaign {
  readonly title: string;
  readonly instruction: string;
  readonly consent: string;
  readonly is_open: boolean;
  readonly state: string;
  readonly kinds: readonly Kind[];
  readonly training_count: number;
  readonly items_per_worker: number | null;
  readonly leaderboard: boolean;
  readonly me: Me | null;
}

/** An item with its pictures here as addresses of blobs. */
export interface Item extends Question {
  readonly id: string;
  readonly is_training: boolean;
}

export interface End {
  readonly reason: EndReason;
  readonly message: string;
  readonly wait_s: number | null;
  readonly code: string;
  readonly redirect: string;
}

export interface Next {
  readonly item: Item | null;
  readonly done: End | null;
  readonly me: Me;
}

export interface Answered {
  readonly feedback: Feedback | null;
  readonly notice: string;
  readonly me: Me;
}

export interface Leader {
  readonly name: string;
  readonly answered: number;
  readonly is_me: boolean;
}

/** The server does not know this key any more. */
export class KeyLost extends Error {}

export interface Doors {
  read(secret: string | null): Promise<OpenCampaign>;
  join(platformWorker: string | null): Promise<{ secret: string; me: Me }>;
  /** An item that is not among those at hand, its pictures fetched. */
  next(secret: string, holding: readonly string[]): Promise<Next>;
  /** Asked again with the same value it answers the same. */
  answer(secret: string, item: string, value: Value, seconds: number): Promise<Answered>;
  leaders(secret: string): Promise<readonly Leader[]>;
  /** Everything of this worker is deleted on the server. */
  forget(secret: string): Promise<void>;
  /** The pictures of an item are no longer shown. */
  release(item: Item): void;
}
