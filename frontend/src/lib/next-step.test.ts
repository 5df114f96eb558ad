import { expect, it } from "vitest";
import { nextStep, type LoopCounts } from "./next-step";
import type { Role } from "./roles";

const nothing: LoopCounts = { images: 0, labelled: 0, accepted: 0, toLabel: 0, toCorrect: 0, toReview: 0, models: 0, jobsRunning: 0 };

it.each<[string, Partial<LoopCounts>, string, string]>([
  ["an empty project", {}, "images", "Bring in images"],
  ["images only", { images: 5 }, "correct", "Propose cells"],
  ["images only, while a model is at work", { images: 5, jobsRunning: 1 }, "labels", "Label first images"],
  ["tasks to label", { images: 5, toLabel: 2 }, "labels", "Label 2 images"],
  ["labels that nobody accepted", { images: 5, labelled: 1 }, "labels", "Accept labels"],
  ["work to review before anything else", { images: 5, labelled: 2, toReview: 1, toCorrect: 9, jobsRunning: 1 }, "review", "Review 1 submission"],
  ["enough to train", { images: 5, labelled: 3, accepted: 3 }, "train", "Train a first model"],
  ["a job at work", { images: 5, labelled: 3, accepted: 3, jobsRunning: 1 }, "train", "Watch 1 job"],
  ["a model and bare images", { images: 5, labelled: 3, accepted: 3, models: 1 }, "correct", "Let a model propose"],
  ["proposals to correct", { images: 5, labelled: 5, accepted: 3, models: 1, toCorrect: 2 }, "correct", "Correct 2 proposals"],
  ["all labelled", { images: 5, labelled: 5, accepted: 5, models: 1 }, "train", "Train the next model"],
])("with %s", (_, counts, step, action) => {
  expect(nextStep({ ...nothing, ...counts }, "OWNER")).toMatchObject({ step, action });
});

it.each<[Role, Partial<LoopCounts>, string]>([
  ["ANNOTATOR", { images: 5, toReview: 2, toLabel: 1 }, "Label 1 image"],
  ["REVIEWER", { images: 5, toReview: 2, toLabel: 1 }, "Review 2 submissions"],
  ["ANNOTATOR", { images: 5, labelled: 5, accepted: 5 }, "Look at the images"],
  ["VIEWER", { images: 5, toLabel: 3, jobsRunning: 1 }, "Watch 1 job"],
  ["ANNOTATOR", { images: 5 }, "Label first images"],
  ["ANNOTATOR", {}, "Look at the datasets"],
])("never asks of a %s what the role may not do", (role, counts, action) => {
  expect(nextStep({ ...nothing, ...counts }, role).action).toBe(action);
});
