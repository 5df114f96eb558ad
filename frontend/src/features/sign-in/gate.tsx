import { Center, Paper, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { Mark } from "@/ui/mark";
import classes from "./gate.module.css";

/** The card in front of the house: sign-in, invitation. */
export function Gate({ title, lead, children }: { title: string; lead: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} · Cytoloop`);
  return (
    <Center mih="100dvh" p="md" component="main">
      <Stack gap="lg" w="100%" maw="23rem">
        <Stack align="center" gap={6}>
          <Mark size={52} />
          <Text className={classes.name}>Cytoloop</Text>
        </Stack>
        <Paper className={classes.card} p="lg" radius="md">
          <Title order={1} size="h4" mb={2}>
            {title}
          </Title>
          <Text component="div" size="sm" c="dimmed" mb="md">
            {lead}
          </Text>
          {children}
        </Paper>
        <Text size="xs" c="dimmed" ta="center">
          Images in, labels drawn, models trained, measurements out.
        </Text>
      </Stack>
    </Center>
  );
}
