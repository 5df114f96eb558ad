import { plural } from "./format";
import { mayAtLeast, type Role } from "./roles";

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

interface Candidate extends NextStep {
  /** Does it make sense as things stand? */
  when: boolean;
  needs: Role;
}

/** The one thing that moves the loop forward most and that this role may do; people's waiting work comes before machines'. */
export function nextStep(counts: LoopCounts, role: Role): NextStep {
  const candidates = [...waitingWork(counts), ...growth(counts)];
  return candidates.find(({ when, needs }) => when && mayAtLeast(role, needs)) ?? nothingWaits(counts);
}

function waitingWork({ images, labelled, accepted, toLabel, toCorrect, toReview, jobsRunning }: LoopCounts): Candidate[] {
  return [
    { when: images === 0, needs: "MANAGER", step: "images", action: "Bring in images", because: "Everything begins with images: single pictures, stacks or movies." },
    { when: toReview > 0, needs: "REVIEWER", step: "review", action: `Review ${plural(toReview, "submission")}`, because: "Submitted work waits for a second pair of eyes. Only accepted labels teach models." },
    { when: toCorrect > 0, needs: "ANNOTATOR", step: "correct", action: `Correct ${plural(toCorrect, "proposal")}`, because: "A model has proposed labels; the ones it is least sure of come first." },
    { when: toLabel > 0, needs: "ANNOTATOR", step: "labels", action: `Label ${plural(toLabel, "image")}`, because: `${plural(toLabel, "labelling task")} ${toLabel === 1 ? "waits" : "wait"} for somebody. Every stroke is saved as it is drawn.` },
    { when: accepted === 0 && labelled > 0, needs: "REVIEWER", step: "labels", action: "Accept labels", because: `${plural(labelled, "image")} ${labelled === 1 ? "has" : "have"} labels that nobody has accepted yet.` },
    { when: images > 0 && labelled === 0 && accepted === 0 && jobsRunning === 0, needs: "MANAGER", step: "correct", action: "Propose cells", because: "Nothing is labelled yet. A starter model can draw a first version, which is quicker to correct than to draw." },
    { when: accepted === 0 && images > 0, needs: "ANNOTATOR", step: "labels", action: "Label first images", because: "A handful of carefully labelled images is enough for a first model." },
  ];
}

function growth({ images, labelled, accepted, models, jobsRunning }: LoopCounts): Candidate[] {
  const bare = images - labelled;
  return [
    { when: jobsRunning > 0, needs: "VIEWER", step: "train", action: `Watch ${plural(jobsRunning, "job")}`, because: "A model is at work. You can follow how it learns." },
    { when: models === 0 && accepted > 0, needs: "MANAGER", step: "train", action: "Train a first model", because: `${plural(accepted, "image")} with accepted labels ${accepted === 1 ? "is" : "are"} ready to learn from.` },
    { when: bare > 0 && models > 0, needs: "MANAGER", step: "correct", action: "Let a model propose", because: `${plural(bare, "image")} ${bare === 1 ? "has" : "have"} no labels yet; a model can draw a first version.` },
    { when: images > 0 && models > 0, needs: "MANAGER", step: "train", action: "Train the next model", because: "All images have labels. A model trained on all of them will need fewer corrections." },
  ];
}

function nothingWaits({ images }: LoopCounts): NextStep {
  if (images === 0) return { step: "images", action: "Look at the datasets", because: "A manager of the team brings images in; then the loop begins." };
  return { step: "images", action: "Look at the images", because: "Nothing waits for you just now." };
}
