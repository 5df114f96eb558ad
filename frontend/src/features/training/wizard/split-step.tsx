import { Group, NumberInput, RangeSlider, Stack, Text } from "@mantine/core";
import { formatCount, plural } from "@/lib/format";
import type { PlannedItem, SnapshotPreview, Split } from "../types";
import { cutsOf, fractionsOf, type Plan } from "./plan";
import classes from "./wizard.module.css";

export const SPLIT_COLOURS: Record<Split, string> = { train: "var(--cyto-accent)", validation: "var(--cyto-busy)", test: "var(--cyto-wait)" };
const WORDS: Record<Split, { name: string; does: string }> = {
  train: { name: "Training", does: "learned from" },
  validation: { name: "Validation", does: "says when to stop" },
  test: { name: "Test", does: "looked at once, for the score" },
};
const SPLITS = Object.keys(WORDS) as Split[];
const SHOWN_AT_MOST = 1500;

interface SplitStepProps {
  plan: Plan;
  preview: SnapshotPreview | undefined;
  onChange: (change: Partial<Plan>) => void;
}

/** Three parts of a whole, and which image falls into which. */
export function SplitStep({ plan, preview, onChange }: SplitStepProps) {
  return (
    <Stack gap="md">
      <Group gap="lg" align="flex-end" wrap="nowrap">
        <RangeSlider
          flex={1}
          min={0}
          max={100}
          step={1}
          minRange={0}
          value={cutsOf(plan.fractions)}
          onChange={(cuts) => onChange({ fractions: fractionsOf(cuts) })}
          label={(value) => `${value} %`}
          thumbFromLabel="End of training, per cent"
          thumbToLabel="End of validation, per cent"
          classNames={{ track: classes.splitTrack, bar: classes.splitBar }}
          style={{ "--split": `linear-gradient(to right, ${gradient(plan)})` }}
        />
        <NumberInput w={110} size="xs" label="Seed" min={0} value={plan.splitSeed} onChange={(value) => onChange({ splitSeed: Number(value) || 0 })} />
      </Group>
      <div className={classes.parts}>
        {SPLITS.map((split) => (
          <Part key={split} split={split} plan={plan} preview={preview} />
        ))}
      </div>
      {preview && preview.items.length > 0 && <Mosaic items={preview.items} />}
    </Stack>
  );
}

function gradient({ fractions }: Plan): string {
  const [first, second] = cutsOf(fractions);
  const { train, validation, test } = SPLIT_COLOURS;
  return `${train} 0 ${first}%, ${validation} ${first}% ${second}%, ${test} ${second}% 100%`;
}

function Part({ split, plan, preview }: { split: Split; plan: Plan; preview: SnapshotPreview | undefined }) {
  const tally = preview?.counts[split];
  return (
    <div className={classes.part} style={{ "--part": SPLIT_COLOURS[split] }}>
      {WORDS[split].name}, {Math.round(plan.fractions[split] * 100)} %
      <b className="num">{tally ? plural(tally.images, "image") : "–"}</b>
      <span className="num">{tally ? `${plural(tally.frames, "frame")}, ${plural(tally.cells, "cell")}` : ""}</span>
      <br />
      {WORDS[split].does}
    </div>
  );
}

/** One square an image; images of one group (one movie, one well) stand together and never part. */
function Mosaic({ items }: { items: readonly PlannedItem[] }) {
  const groups = new Map<string, PlannedItem[]>();
  for (const item of items.slice(0, SHOWN_AT_MOST)) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
  const ordered = [...groups].sort(([, a], [, b]) => SPLITS.indexOf(a[0]?.split ?? "train") - SPLITS.indexOf(b[0]?.split ?? "train"));
  return (
    <div>
      <Text size="xs" c="dimmed" mb={6}>
        One square an image. Images of one group, such as the frames of a movie, always stay on one side: {plural(groups.size, "group")}.
      </Text>
      <div className={classes.mosaic} role="img" aria-label={`Split of ${items.length} images in ${groups.size} groups`}>
        {ordered.map(([group, members]) => (
          <span key={group} className={classes.group} title={`${group || members[0]?.name}: ${members[0]?.split}`}>
            {members.map((item) => (
              <span key={item.image_id} className={classes.square} style={{ "--part": SPLIT_COLOURS[item.split] }} />
            ))}
          </span>
        ))}
        {items.length > SHOWN_AT_MOST && <Text size="xs">and {formatCount(items.length - SHOWN_AT_MOST)} more</Text>}
      </div>
    </div>
  );
}
