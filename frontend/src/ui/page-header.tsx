import { Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useDocumentTitle } from "@mantine/hooks";

export interface PageHeaderProps {
  title: string;
  /** One line: what this page is for, or what it holds. */
  subtitle?: ReactNode;
  /** Small links above the title: where this page lies. */
  above?: ReactNode;
  /** Buttons; the primary one last. */
  actions?: ReactNode;
}

export function PageHeader({ title, subtitle, above, actions }: PageHeaderProps) {
  useDocumentTitle(`${title} · Cytoloop`);
  return (
    <Group component="header" justify="space-between" align="flex-end" gap="sm" mb="lg">
      <Stack gap={2} miw={0} flex="1 1 16rem">
        {above}
        <Title order={1} size="h3" lineClamp={2} title={title} style={{ overflowWrap: "anywhere" }}>
          {title}
        </Title>
        {subtitle && (
          <Text component="div" size="sm" c="dimmed">
            {subtitle}
          </Text>
        )}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}
