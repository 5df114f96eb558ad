import type { Dataset } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import type { LoopCounts, Step } from "@/lib/next-step";

/** Where the next action of a step is done, with the dataset that it concerns most. */
export function addressOfStep(project: string, step: Step, counts: LoopCounts, datasets: readonly Dataset[]): string {
  const bare = most(datasets, (dataset) => dataset.image_count - dataset.labelled_count);
  switch (step) {
    case "images":
      return addressOfImages(project, counts, datasets);
    case "labels":
      return addressOfLabels(project, counts, datasets);
    case "train":
      if (counts.jobsRunning > 0) return addresses.training(project);
      return addresses.newTraining(project, { dataset: most(datasets, (dataset) => dataset.accepted_count)?.id });
    case "correct":
      if (counts.labelled === 0 && counts.toCorrect === 0 && bare) return addresses.dataset(project, bare.id);
      return counts.toCorrect > 0 ? addresses.tasks(project, { kind: "CORRECT" }) : addresses.newPrediction(project, { dataset: bare?.id });
    case "review":
      return addresses.reviews(project);
  }
}

function addressOfImages(project: string, counts: LoopCounts, datasets: readonly Dataset[]): string {
  if (counts.images > 0 || datasets.length !== 1) return addresses.datasets(project);
  return addresses.dataset(project, datasets[0].id);
}

function addressOfLabels(project: string, counts: LoopCounts, datasets: readonly Dataset[]): string {
  if (counts.toLabel > 0) return addresses.tasks(project, { kind: "LABEL" });
  if (counts.labelled > counts.accepted) {
    const waiting = most(datasets, (dataset) => dataset.labelled_count - dataset.accepted_count);
    return waiting ? addresses.dataset(project, waiting.id, { show: "labelled" }) : addresses.datasets(project);
  }
  const fullest = most(datasets, (dataset) => dataset.image_count);
  return fullest ? addresses.dataset(project, fullest.id) : addresses.datasets(project);
}

/** The dataset with the largest figure; the first of equals. */
function most(datasets: readonly Dataset[], figure: (dataset: Dataset) => number): Dataset | undefined {
  return datasets.reduce<Dataset | undefined>((best, one) => (best && figure(best) >= figure(one) ? best : one), undefined);
}
