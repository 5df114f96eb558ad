import { Text } from "@mantine/core";
import { plural } from "@/lib/format";
import { IntervalBar } from "./evaluation/interval-bar";
import classes from "./models.module.css";
import { ScoreBar } from "./score-bar";
import { drawable } from "./score-words";
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
  const means = Object.fromEntries(Object.entries(told?.summary ?? {}).map(([each, { mean: value }]) => [each, value]));
  const { name, label } = drawable(means)[0] ?? {};
  const mean = name && told?.summary[name];
  if (!told || !name || !label || !mean) return null;
  const images = [...told.images].sort((a, b) => (a.scores[name] ?? 0) - (b.scores[name] ?? 0));
  return (
    <section aria-labelledby="cross-validation">
      <h2 className={classes.title} id="cross-validation">
        Cross-validation
      </h2>
      <Text size="sm" c="dimmed" mb="sm">
        {told.folds} nets learned, each without a part of the images, and were scored on that part. This model learned from all of them, equally long.
      </Text>
      <Text size="sm" mb={2}>
        {label}, mean of {plural(images.length, "image")}
      </Text>
      <IntervalBar interval={{ value: mean.mean, low: mean.low, high: mean.high }} label={`${label}, mean of ${plural(images.length, "image")}`} />
      <div style={{ marginTop: 12 }}>
        {images.map((image) => (
          <div key={image.image} style={{ marginBottom: 4 }}>
            <Text size="xs" truncate title={image.name}>
              {image.name}
            </Text>
            <ScoreBar value={image.scores[name] ?? 0} label={`${label}: ${image.name}`} />
          </div>
        ))}
      </div>
    </section>
  );
}
