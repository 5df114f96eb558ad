import { MultiSelect, NumberInput, SegmentedControl, Stack, Text } from "@mantine/core";
import type { Estimate } from "./queries";
import { channelOptions, tellChannels, type CellSize, type Reading } from "./reading";

interface ReadingChoiceProps {
  estimate: Estimate;
  value: Reading;
  onChange: (value: Reading) => void;
}

/** Which channels the model reads, and how large the cells are; each only where it matters. */
export function ReadingChoice({ estimate, value, onChange }: ReadingChoiceProps) {
  return (
    <>
      <Channels groups={estimate.channels} value={value.channels} onChange={(channels) => onChange({ ...value, channels })} />
      {estimate.learned_px !== null && <Size learnedPx={estimate.learned_px} value={value.cellSize} onChange={(cellSize) => onChange({ ...value, cellSize })} />}
    </>
  );
}

function Channels({ groups, value, onChange }: { groups: Estimate["channels"]; value: readonly string[]; onChange: (value: readonly string[]) => void }) {
  const options = channelOptions(groups);
  if (options.length === 0) return null;
  return (
    <Stack gap={4}>
      <MultiSelect
        label="Channels the model reads"
        placeholder={value.length === 0 ? "Chosen by itself" : undefined}
        description="One is shown alone; several make a colour picture, in the order in which you name them."
        data={options}
        value={[...value]}
        onChange={onChange}
        clearable
        hidePickedOptions
        styles={{ pill: { maxWidth: "16rem" } }}
      />
      <Text size="xs" c="dimmed" role="status" style={{ overflowWrap: "anywhere" }}>
        {value.length === 0 ? "By itself it reads " : "It reads "}
        {tellChannels(groups).join("; ")}.
      </Text>
    </Stack>
  );
}

function Size({ learnedPx, value, onChange }: { learnedPx: number; value: CellSize; onChange: (value: CellSize) => void }) {
  const told = typeof value === "number";
  const px = Math.round(learnedPx);
  return (
    <Stack gap={6}>
      <Text size="sm" fw={500} id="cell-size">
        Size of the cells
      </Text>
      <SegmentedControl
        fullWidth
        aria-labelledby="cell-size"
        data={[
          { value: "auto", label: "Find it" },
          { value: "learned", label: "As learned" },
          { value: "px", label: "In pixels" },
        ]}
        value={told ? "px" : value}
        onChange={(chosen) => onChange(chosen === "px" ? px : (chosen))}
      />
      {told && <NumberInput aria-label="Diameter of the cells in pixels" suffix=" px across" min={2} max={2000} decimalScale={1} value={value} onChange={(next) => typeof next === "number" && next >= 2 && onChange(next)} />}
      <Text size="xs" c="dimmed">
        {sizeHint(value, px)}
      </Text>
    </Stack>
  );
}

/** Whether the model reads each picture twice or once. */
export function CareChoice({ fast, onChange }: { fast: boolean; onChange: (fast: boolean) => void }) {
  return (
    <Stack gap={6}>
      <Text size="sm" fw={500} id="care">
        Reading
      </Text>
      <SegmentedControl
        fullWidth
        aria-labelledby="care"
        data={[
          { value: "careful", label: "Careful" },
          { value: "fast", label: "Fast" },
        ]}
        value={fast ? "fast" : "careful"}
        onChange={(value) => onChange(value === "fast")}
      />
      <Text size="xs" c="dimmed">
        {fast ? "Reads each picture once: about four times as fast, a little less exact than the model’s scores." : "Reads each picture again from a turned copy and averages: what the model’s scores were measured with."}
      </Text>
    </Stack>
  );
}

function sizeHint(value: CellSize, learnedPx: number): string {
  if (value === "auto") return `The model learned from cells about ${learnedPx} px across. It tries a sample of each image, and where its cells are clearly smaller or larger, the image is enlarged or reduced for it.`;
  if (value === "learned") return `Images are read as they are, as if their cells were about ${learnedPx} px across.`;
  return `The model learned from cells about ${learnedPx} px across; images are enlarged or reduced for it to match.`;
}
