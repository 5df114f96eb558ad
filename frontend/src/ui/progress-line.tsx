import { Group, Progress, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { formatDuration } from "@/lib/format";

export interface ProgressLineProps {
  /** What is being done; read out with the bar. */
  label: string;
  /** 0 … 1; null when it cannot be known. */
  fraction: number | null;
  secondsLeft?: number | null;
  /** Shown at the left instead of the label: bytes, speed, a step's name. */
  children?: ReactNode;
}

export function ProgressLine({ label, fraction, secondsLeft, children }: ProgressLineProps) {
  const percent = fraction === null ? 100 : Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <div>
      <Group justify="space-between" gap="sm" mb={4}>
        <Text component="div" size="xs" c="dimmed">
          {children ?? label}
        </Text>
        <Text size="xs" className="num">
          {fraction !== null && `${percent} %`}
          {secondsLeft != null && fraction !== 1 && ` · ${formatDuration(secondsLeft)} left`}
        </Text>
      </Group>
      <Progress.Root size="sm">
        <Progress.Section value={percent} aria-label={label} animated={fraction === null} striped={fraction === null} />
      </Progress.Root>
    </div>
  );
}
