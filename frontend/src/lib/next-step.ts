import { plural } from "./format";

/** Where a project stands: how many of each, now. */
export interface LoopCounts {
  images: number;
  labelled: number;
  accepted: number;
  toLabel: number;
  toCorrect: number;
  toReview: number;
  models: number;
  jobsRunning: number;
}

export const STEPS = ["images", "labels", "train", "correct", "review"] as const;
export type Step = (typeof STEPS)[number];

export interface NextStep {
  step: Step;
  /** What to do, as a button says it. */
  action: string;
  /** Why this and not something else. */
  because: string;
}

/** The one thing that moves the loop forward most; what waits for a person comes before what a machine could do. */
export function nextStep(counts: LoopCounts): NextStep {
  const { images, labelled, accepted, toLabel, toCorrect, toReview, models, jobsRunning } = counts;
  if (images === 0) return { step: "images", action: "Bring in images", because: "Everything begins with images: single pictures, stacks or movies." };
  if (toReview > 0) return { step: "review", action: `Review ${plural(toReview, "submission")}`, because: "Submitted work waits for a second pair of eyes. Only accepted labels teach models." };
  if (toCorrect > 0) return { step: "correct", action: `Correct ${plural(toCorrect, "proposal")}`, because: "A model has proposed labels; the ones it is least sure of come first." };
  if (toLabel > 0) return { step: "labels", action: `Label ${plural(toLabel, "image")}`, because: `${plural(toLabel, "labelling task")} ${toLabel === 1 ? "waits" : "wait"} for somebody. Every stroke is saved as it is drawn.` };
  if (accepted === 0 && labelled > 0) return { step: "labels", action: "Accept labels", because: `${plural(labelled, "image")} ${labelled === 1 ? "has" : "have"} labels that nobody has accepted yet.` };
  if (accepted === 0) return { step: "labels", action: "Label first images", because: "A handful of carefully labelled images is enough for a first model." };
  if (jobsRunning > 0) return { step: "train", action: `Watch ${plural(jobsRunning, "job")}`, because: "A model is at work. You can follow how it learns." };
  if (models === 0) return { step: "train", action: "Train a first model", because: `${plural(accepted, "image")} with accepted labels ${accepted === 1 ? "is" : "are"} ready to learn from.` };
  if (labelled < images) return { step: "correct", action: "Let a model propose", because: `${plural(images - labelled, "image")} ${images - labelled === 1 ? "has" : "have"} no labels yet; a model can draw a first version.` };
  return { step: "train", action: "Train the next model", because: "All images have labels. A model trained on all of them will need fewer corrections." };
}
