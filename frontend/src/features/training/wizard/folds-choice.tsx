import { NumberInput, Switch, Text } from "@mantine/core";
import type { SnapshotPreview } from "../types";
import type { Plan } from "./plan";
import { EMPTY_PLAN } from "./plan";

export const FEW_IMAGES = 10;
const FOLDS = 5;
const MOST_FOLDS = 10;

interface FoldsChoiceProps {
  plan: Plan;
  preview: SnapshotPreview | undefined;
  onChange: (change: Partial<Plan>) => void;
}

/** Offered where a part that is kept out would be too few images to say anything. */
export function FoldsChoice({ plan, preview, onChange }: FoldsChoiceProps) {
  const images = preview?.counts.all.images ?? 0;
  if (plan.folds === null && (images < 2 || images > FEW_IMAGES)) return null;
  return (
    <div style={{ marginTop: 16 }}>
      {plan.folds === null && (
        <Text size="sm" mb={6}>
          These are few images to keep some out. Cross-validation judges every one of them.
        </Text>
      )}
      <Switch
        label="Cross-validation"
        description="Several nets learn, each without a part of the images, which it is then scored on; the last net learns from all. The minutes are shared out among them."
        checked={plan.folds !== null}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          onChange({ folds: on ? Math.max(2, Math.min(FOLDS, images)) : null, fractions: on ? { train: 1, validation: 0, test: 0 } : EMPTY_PLAN.fractions });
        }}
      />
      {plan.folds !== null && <NumberInput mt="xs" w={140} size="xs" label="Folds" min={2} max={Math.max(2, Math.min(MOST_FOLDS, images))} value={plan.folds} onChange={(value) => onChange({ folds: typeof value === "number" ? value : FOLDS })} />}
    </div>
  );
}
