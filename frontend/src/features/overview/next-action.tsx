import { Group, Paper, Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import type { Dataset } from "@/api/datasets";
import type { LoopCounts, NextStep } from "@/lib/next-step";
import { ButtonLink } from "@/ui/link";
import { addressOfStep } from "./step-addresses";
import classes from "./loop.module.css";

export function NextAction({ project, counts, next, datasets }: { project: string; counts: LoopCounts; next: NextStep; datasets: readonly Dataset[] }) {
  return (
    <Paper component="section" aria-label="Next" className={classes.next} radius="md">
      <Group justify="space-between" gap="md">
        <div>
          <Text size="xs" c="dimmed" mb={2}>
            Next
          </Text>
          <Text fw={500}>{next.because}</Text>
        </div>
        <ButtonLink to={addressOfStep(project, next.step, counts, datasets)} rightSection={<IconArrowRight size={16} aria-hidden />}>
          {next.action}
        </ButtonLink>
      </Group>
    </Paper>
  );
}
