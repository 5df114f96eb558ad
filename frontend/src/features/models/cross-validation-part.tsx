import { Text } from "@mantine/core";
import { IntervalBar } from "./evaluation/interval-bar";
import classes from "./models.module.css";
import { ScoreBar } from "./score-bar";
import type { TrainedModel } from "./types";

interface Mean {
  mean: number;
  low: number | null;
  high: number | null;
}

interface CrossValidation {
  folds: number;
  images: { image: string; name: string; fold: number; scores: Record<string, number> }[];
  summary: Record<string, Mean>;
}

/** The score of every image by a net that had not seen it; nothing where a model was trained on one split. */
export function CrossValidationPart({ summary }: { summary: TrainedModel["summary"] }) {
  const told = summary?.cross_validation as CrossValidation | undefined;
  const [name, mean] = Object.entries(told?.summary ?? {})[0] ?? [];
  if (!told || !name || !mean) return null;
  const images = [...told.images].sort((a, b) => (a.scores[name] ?? 0) - (b.scores[name] ?? 0));
  return (
    <section aria-labelledby="cross-validation">
      <h2 className={classes.title} id="cross-validation">
        Cross-validation
      </h2>
      <Text size="sm" c="dimmed" mb="sm">
        {told.folds} nets learned, each without a part of the images, and were scored on that part. This model learned from all of them, equally long.
      </Text>
      <IntervalBar interval={{ value: mean.mean, low: mean.low, high: mean.high }} label={`Mean ${name} over ${images.length} images`} />
      <div style={{ marginTop: 12 }}>
        {images.map((image) => (
          <div key={image.image} style={{ marginBottom: 4 }}>
            <Text size="xs" truncate title={image.name}>
              {image.name}
            </Text>
            <ScoreBar value={image.scores[name] ?? 0} label={`${name} of ${image.name}`} />
          </div>
        ))}
      </div>
    </section>
  );
}
