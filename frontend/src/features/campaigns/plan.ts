/** A half-filled campaign: what is cut, how often it is asked, what workers read. Pure. */
import type { Kind } from "@/microtasks/types";
import { KIND_NAMES, USUAL_S } from "@/microtasks/words";
import type { NewCampaign, Wish } from "./queries";

export interface Plan {
  readonly name: string;
  readonly kind: Kind;
  readonly dataset: string | null;
  /** Chosen images; empty: all of the dataset. */
  readonly images: readonly string[];
  /** Empty: each image's current labels. */
  readonly branch: string;
  /** Drafts by id, in the place of images. */
  readonly branches: readonly string[];
  /** Only cells or links of which the machine was less sure; null: all. */
  readonly below: number | null;
  /** Questions about classes: the level of the tree, and below which class; null: all. */
  readonly classLevel: number | null;
  readonly classBelow: string | null;
  readonly limit: number;
  readonly order: "LEAST_SURE" | "RANDOM";
  readonly perCell: boolean;
  readonly tile_px: number;
  readonly answersMin: number;
  readonly answersMax: number;
  readonly adaptive: boolean;
  readonly gold: number;
  readonly goldShare: number;
  readonly training: number;
  readonly passMark: number;
  readonly feedbackOnGold: boolean;
  readonly title: string;
  readonly instruction: string;
  readonly consent: string;
  readonly itemsPerWorker: number | null;
  readonly leaderboard: boolean;
  readonly completionCode: string;
  readonly redirectUrl: string;
}

export const CONSENT = [
  "You look at pictures from a microscope and answer simple questions about them.",
  "Your answers are kept under a random key. No name, no address and nothing about your device is stored. They help to measure cells and to teach programs to find them, and may be published together with the pictures.",
  "Taking part is voluntary. You may stop at any time, and delete everything that you answered on the last page.",
].join("\n\n");

export const EMPTY_PLAN: Plan = {
  name: "",
  kind: "CELL",
  dataset: null,
  images: [],
  branch: "",
  branches: [],
  below: null,
  classLevel: null,
  classBelow: null,
  limit: 200,
  order: "LEAST_SURE",
  perCell: true,
  tile_px: 128,
  answersMin: 3,
  answersMax: 7,
  adaptive: true,
  gold: 20,
  goldShare: 0.1,
  training: 3,
  passMark: 0.7,
  feedbackOnGold: true,
  title: "",
  instruction: "",
  consent: CONSENT,
  itemsPerWorker: null,
  leaderboard: false,
  completionCode: "",
  redirectUrl: "",
};

/** Kinds whose items are cells or links that somebody has outlined already. */
export const needsLabels = ({ kind, perCell }: Pick<Plan, "kind" | "perCell">): boolean => kind !== "CENTRES" && !(kind === "OUTLINE" && !perCell);
export const cutsTiles = (plan: Pick<Plan, "kind" | "perCell">): boolean => !needsLabels(plan);

export interface Source {
  readonly images: number;
  readonly labelled: number;
  readonly accepted: number;
  readonly isMovie: boolean;
  /** Classes that may be chosen; null: not known yet. */
  readonly classes: number | null;
}

/** What keeps the campaign from being made; and what to do about it. */
export function missingOf(plan: Plan, source: Source | null): string[] {
  const wantsKnown = plan.gold > 0 || plan.training > 0;
  return [
    ...(plan.name.trim() === "" ? ["Give the campaign a name."] : []),
    ...(source === null ? ["Choose a dataset to cut from."] : []),
    ...(source !== null && needsLabels(plan) && plan.branches.length === 0 && source.labelled === 0 && source.accepted === 0 ? ["These questions are about outlined cells, and nothing here is outlined yet. Let a model propose cells first, or ask for outlines or centres."] : []),
    ...(source !== null && (plan.kind === "SAME" || plan.kind === "DIVIDED") && !source.isMovie ? ["Questions about two moments need a movie."] : []),
    ...(plan.kind === "CLASS" && source?.classes === 0 ? ["The project has no class to choose between yet: make some on the page of its classes."] : []),
    ...(source !== null && wantsKnown && source.accepted === 0 ? ["Known answers come from accepted labels, and there are none yet: accept some labels, or do without gold and training."] : []),
    ...(plan.redirectUrl !== "" && !/^https?:\/\//.test(plan.redirectUrl) ? ["The address to return to must begin with https://."] : []),
    ...(plan.adaptive && plan.answersMax < plan.answersMin ? ["At most must not be less than at least."] : []),
  ];
}

export function rulesOf(plan: Plan): NewCampaign {
  return {
    name: plan.name.trim(),
    title: plan.title.trim() || plan.name.trim(),
    instruction: plan.instruction.trim(),
    consent: plan.consent.trim(),
    answers_min: plan.answersMin,
    answers_max: plan.adaptive ? plan.answersMax : plan.answersMin,
    gold_share: plan.gold > 0 ? plan.goldShare : 0,
    // Set once the training items are there: a campaign that asks for more than it has does not open.
    training_count: 0,
    pass_mark: plan.passMark,
    feedback_on_gold: plan.feedbackOnGold,
    items_per_worker: plan.itemsPerWorker,
    leaderboard: plan.leaderboard,
    completion_code: plan.completionCode.trim(),
    redirect_url: plan.redirectUrl.trim(),
    ...(plan.kind === "CLASS" && { class_level: plan.classLevel, class_below: plan.classBelow }),
  };
}

/** What is cut; `limit` is another for gold and training, which come from all that was accepted in the dataset. */
export function wishOf(plan: Plan, limit: number, known: boolean): Wish {
  const whole = known || (plan.images.length === 0 && plan.branches.length === 0);
  return {
    kind: plan.kind,
    ...(whole && plan.dataset !== null ? { dataset: plan.dataset } : plan.branches.length > 0 ? { branches: [...plan.branches] } : { images: [...plan.images] }),
    ...(plan.branch !== "" && !known && plan.branches.length === 0 && { branch: plan.branch }),
    ...(plan.below !== null && !known && needsLabels(plan) && { below: plan.below }),
    limit,
    order: known ? "RANDOM" : plan.order,
    ...(plan.kind === "OUTLINE" && { per_cell: plan.perCell }),
    ...(cutsTiles(plan) && { tile_px: plan.tile_px, overlap_px: Math.min(24, Math.floor(plan.tile_px / 4)) }),
  };
}

export interface Estimate {
  readonly answersLow: number;
  readonly answersHigh: number;
  readonly hoursLow: number;
  readonly hoursHigh: number;
}

/** Work of all people together. Where asking stops when sure, about 30 % fewer than at most. */
export function estimateOf(plan: Plan): Estimate {
  const known = 1 / (1 - Math.min(0.9, plan.gold > 0 ? plan.goldShare : 0));
  const low = plan.limit * plan.answersMin * known;
  const high = plan.limit * (plan.adaptive ? plan.answersMax : plan.answersMin) * known;
  const hours = (answers: number): number => (answers * USUAL_S[plan.kind]) / 3600;
  return { answersLow: Math.round(low), answersHigh: Math.round(high), hoursLow: hours(low), hoursHigh: hours(high) };
}

export const suggestName = (kind: Kind, dataset: string | undefined): string => `${KIND_NAMES[kind].replace("?", "")}${dataset ? `: ${dataset}` : ""}`.slice(0, 200);
