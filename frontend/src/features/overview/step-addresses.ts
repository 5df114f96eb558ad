import type { Dataset } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import type { LoopCounts, Step } from "@/lib/next-step";

/** Where the next action of a step is done. */
export function addressOfStep(project: string, step: Step, counts: LoopCounts, datasets: readonly Dataset[]): string {
  const fullest = [...datasets].sort((one, other) => other.image_count - one.image_count)[0];
  switch (step) {
    case "images":
      return datasets.length === 1 ? addresses.upload(project, datasets[0].id) : addresses.datasets(project);
    case "labels":
      if (counts.toLabel > 0) return addresses.tasks(project, { kind: "LABEL" });
      return fullest ? addresses.dataset(project, fullest.id) : addresses.datasets(project);
    case "train":
      return counts.jobsRunning > 0 ? addresses.training(project) : addresses.newTraining(project, { dataset: fullest?.id });
    case "correct":
      return counts.toCorrect > 0 ? addresses.tasks(project, { kind: "CORRECT" }) : addresses.newPrediction(project, { dataset: fullest?.id });
    case "review":
      return addresses.reviews(project);
  }
}
