import { Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { formatCount } from "@/lib/format";
import type { Colouring } from "./colouring";
import classes from "./explore.module.css";

/** What the colours mean; a click on a kind chooses all of its cells. */
export function Legend({ colouring, onChoose }: { colouring: Colouring; onChoose: (kind: number) => void }) {
  if (colouring.range) {
    const { low, high, ramp } = colouring.range;
    return (
      <div>
        <div className={classes.ramp} style={{ background: ramp }} />
        <Group justify="space-between">
          <Text size="xs" className="num">{`≤ ${short(low)}`}</Text>
          <Text size="xs" className="num">{`≥ ${short(high)}`}</Text>
        </Group>
      </div>
    );
  }
  return (
    <Stack gap={4}>
      <div className={classes.legend} role="group" aria-label="Legend">
        {colouring.legend.map((row) => (
          <UnstyledButton key={row.key} onClick={() => onChoose(row.key)} aria-label={`Choose ${row.label}, ${row.count} cells`}>
            <Group gap="xs" wrap="nowrap">
              <span className={classes.swatch} style={{ background: row.colour }} />
              <Text size="xs" truncate flex={1} title={row.label}>
                {row.label}
              </Text>
              <Text size="xs" c="dimmed" className="num">
                {formatCount(row.count)}
              </Text>
            </Group>
          </UnstyledButton>
        ))}
      </div>
      <Text size="xs" c="dimmed">
        Click a line to choose all of its cells.
      </Text>
    </Stack>
  );
}

const short = (value: number): string => Number(value.toPrecision(3)).toString();
