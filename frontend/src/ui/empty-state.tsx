import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./empty-state.module.css";

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** What would be here, and what to do so that it is. */
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <Stack className={classes.empty} align="center" gap="xs" py="xl" px="md">
      {icon && (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      )}
      <Title order={2} size="h5" ta="center">
        {title}
      </Title>
      {children && (
        <Text component="div" size="sm" c="dimmed" ta="center" maw="34rem">
          {children}
        </Text>
      )}
      {action && (
        <Group justify="center" mt="xs" gap="xs">
          {action}
        </Group>
      )}
    </Stack>
  );
}
