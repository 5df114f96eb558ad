import { expect, it } from "vitest";
import type { Dataset } from "@/api/datasets";
import type { LoopCounts, Step } from "@/lib/next-step";
import { addressOfStep } from "./step-addresses";

const nothing: LoopCounts = { images: 0, labelled: 0, accepted: 0, toLabel: 0, toCorrect: 0, toReview: 0, models: 0, jobsRunning: 0 };
const dataset = (id: string, image_count: number, labelled_count: number, accepted_count: number): Dataset => ({ id, name: id, project: "p", created_at: "", image_count, labelled_count, accepted_count });
const two = [dataset("big-and-bare", 1_000, 0, 0), dataset("small-and-labelled", 40, 40, 30)];

it.each<[string, Step, Partial<LoopCounts>, Dataset[], string]>([
  ["the only dataset", "images", {}, [dataset("d", 0, 0, 0)], "/projects/p/datasets/d"],
  ["the list when there are several", "images", {}, two, "/projects/p/datasets"],
  ["what has accepted labels", "train", { images: 9, accepted: 30 }, two, "/projects/p/training/new?dataset=small-and-labelled"],
  ["the running jobs", "train", { jobsRunning: 1 }, two, "/projects/p/training"],
  ["what has no labels", "correct", { labelled: 40, models: 1 }, two, "/projects/p/predictions/new?dataset=big-and-bare"],
  ["the button that has a starter model propose, before any label", "correct", { models: 1 }, two, "/projects/p/datasets/big-and-bare"],
  ["proposals", "correct", { toCorrect: 1 }, two, "/projects/p/tasks?kind=CORRECT"],
  ["labels to accept", "labels", { labelled: 40 }, two, "/projects/p/datasets/small-and-labelled?show=labelled"],
  ["the tasks", "labels", { toLabel: 1 }, two, "/projects/p/tasks?kind=LABEL"],
])("leads to %s", (_, step, counts, datasets, address) => {
  expect(addressOfStep("p", step, { ...nothing, ...counts }, datasets)).toBe(address);
});
