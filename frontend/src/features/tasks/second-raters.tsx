import { Checkbox, Group, NumberInput, Stack, Text } from "@mantine/core";
import type { Ratings, Task } from "./queries";

export interface SecondWish {
  readonly percent: number;
  /** Those who are not asked. */
  readonly left: readonly string[];
}

export const NO_SECOND: SecondWish = { percent: 0, left: [] };

interface SecondRatersProps {
  label: string;
  labellers: readonly { id: string; name: string }[];
  value: SecondWish;
  onChange: (value: SecondWish) => void;
}

/** How many images get a second rater, and who may be it. */
export function SecondRaters({ label, labellers, value, onChange }: SecondRatersProps) {
  const asked = value.percent > 0;
  return (
    <Stack gap={6}>
      <NumberInput label={label} description="Somebody else labels the image again from where the first began, and sees nothing of the first." suffix=" %" min={0} max={100} clampBehavior="strict" value={value.percent} onChange={(percent) => onChange({ ...value, percent: Number(percent) || 0 })} />
      {asked && (
        <Group gap="md" role="group" aria-label="Second raters">
          {labellers.map(({ id, name }) => (
            <Checkbox
              key={id}
              size="sm"
              label={name}
              checked={!value.left.includes(id)}
              onChange={(event) => onChange({ ...value, left: event.currentTarget.checked ? value.left.filter((one) => one !== id) : [...value.left, id] })}
            />
          ))}
        </Group>
      )}
      {asked && (
        <Text size="xs" c="dimmed">
          Whoever worked on the first labels is passed over; with nobody left, the rating waits in the queue.
        </Text>
      )}
    </Stack>
  );
}

export const ratingsOf = ({ percent, left }: SecondWish, tasks: readonly Task[], labellers: readonly { id: string }[]): Ratings => ({
  tasks: tasks.map(({ id }) => id),
  rating: "SECOND",
  percent,
  people: labellers.map(({ id }) => id).filter((id) => !left.includes(id)),
  after_days: 0,
  seed: 0,
});
