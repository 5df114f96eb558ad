import { Group, Select, Slider, Text } from "@mantine/core";
import { useState } from "react";
import { thumbnailOf } from "@/api/datasets";
import { TextLink } from "@/ui/link";
import classes from "./error-maps.module.css";
import type { EvaluationDetail, FaultKind } from "./queries";
import { FAULT_WORDS, imageAddress } from "./words";

const LEGEND = [
  ["#3cbe6e", "right"],
  ["#ff3c5a", "missed"],
  ["#3c8cff", "invented"],
  ["#ffc800", "split"],
  ["#be50ff", "merged"],
  ["#00d2d2", "wrong class"],
  ["#ff8c3c", "loose outline"],
] as const;

const LEGEND_OF_LIGHT = [
  ["#ff3c5a", "too dark: light that was missed"],
  ["#3c8cff", "too bright: light that is not there"],
] as const;

/** Where the model is wrong in an image, coloured by what is wrong, over the image. */
export function ErrorMaps({ evaluation }: { evaluation: EvaluationDetail }) {
  const sorted = [...evaluation.items].sort((a, b) => (a.scores[evaluation.main_score] ?? 0) - (b.scores[evaluation.main_score] ?? 0));
  const [chosen, setChosen] = useState<string | null>(sorted[0]?.image ?? null);
  const [opacity, setOpacity] = useState(85);
  const ofChannels = evaluation.main_score === "mean_r";
  const channels = ofChannels ? [...new Set(Object.values(evaluation.classes).flatMap((one) => Object.keys(one)))] : [];
  const [channel, setChannel] = useState<string | null>(channels[0] ?? null);
  const item = sorted.find((one) => one.image === chosen);
  if (!item) return null;
  return (
    <section aria-labelledby="error-map">
      <Group justify="space-between" gap="xs" mb={8} wrap="nowrap">
        <h3 className={classes.heading} id="error-map">
          Where it is wrong
        </h3>
        {channels.length > 1 && <Select size="xs" w={140} aria-label="Channel of the error map" value={channel} onChange={setChannel} allowDeselect={false} data={channels} />}
        <Select size="xs" w={220} searchable aria-label="Image of the error map" value={chosen} onChange={setChosen} allowDeselect={false} data={sorted.map((one) => ({ value: one.image, label: one.image_name }))} />
      </Group>
      <div className={classes.seen}>
        <img src={thumbnailOf(item.image)} alt="" className={classes.ground} />
        <img src={`/api/v1/evaluations/${evaluation.id}/error-map/?image=${item.image}${channel === null ? "" : `&channel=${encodeURIComponent(channel)}`}`} alt={`Errors in ${item.image_name}: ${tell(item.tallies)}`} style={{ opacity: opacity / 100 }} />
      </div>
      <div className={classes.legend}>
        {(ofChannels ? LEGEND_OF_LIGHT : LEGEND).map(([colour, words]) => (
          <span key={words} style={{ "--key": colour }}>
            {words}
          </span>
        ))}
      </div>
      <Slider mt={8} size="xs" aria-label="Opacity of the error map" value={opacity} onChange={setOpacity} label={(value) => `${value} %`} />
      <Text size="xs" c="dimmed" mt={4}>
        First frame of the image. <TextLink {...imageAddress(evaluation.project, item)} size="xs">Open it in the editor</TextLink>
      </Text>
    </section>
  );
}

/** "3 missed cells, 1 merges" of what there is. */
function tell(tallies: Record<string, number>): string {
  const told = Object.entries(tallies).filter(([, count]) => count > 0);
  return told.map(([kind, count]) => `${count} ${FAULT_WORDS[kind as FaultKind].many}`).join(", ") || "none";
}
