import { Group, Paper, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./panel.module.css";

/** A titled part of a page. */
export function Panel({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <Paper component="section" aria-label={title} className={classes.panel} radius="md">
      <Group justify="space-between" gap="sm" className={classes.head}>
        <div>
          <Title order={2} size="h5">
            {title}
          </Title>
          {lead && (
            <Text component="div" size="sm" c="dimmed">
              {lead}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Paper>
  );
}
