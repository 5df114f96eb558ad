import { Button, Checkbox, List, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { Mark } from "@/ui/mark";
import type { Kind } from "./types";
import { KIND_NAMES } from "./words";
import classes from "./microtasks.module.css";

export interface ConsentProps {
  title: string;
  instruction: string;
  consent: string;
  kinds: readonly Kind[];
  training_count: number;
  busy?: boolean;
  error?: unknown;
  onAgree: () => void;
}

/** Before anything: what is asked, what is kept, and a yes. */
export function ConsentView({ title, instruction, consent, kinds, training_count, busy, error, onAgree }: ConsentProps) {
  const [agreed, setAgreed] = useState(false);
  return (
    <form
      className={classes.reading}
      onSubmit={(event) => {
        event.preventDefault();
        if (agreed) onAgree();
      }}
    >
      <Stack gap="sm">
        <Mark size={36} />
        <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
          {title}
        </Title>
        {instruction && <p className={classes.text}>{instruction}</p>}
        <List size="md" spacing={4}>
          {kinds.map((kind) => (
            <List.Item key={kind}>{KIND_NAMES[kind]}</List.Item>
          ))}
          {training_count > 0 && <List.Item>{plural(training_count, "practice picture")} first, with the answer shown</List.Item>}
          <List.Item>No account, no installation. You may stop at any time and come back.</List.Item>
        </List>
        <Title order={2} size="h4" mt="xs">
          What is kept
        </Title>
        <Text component="p" className={classes.text}>
          {consent}
        </Text>
        <ErrorNotice error={error} />
      </Stack>
      <div className={classes.foot}>
        <Checkbox size="lg" py={8} label="I have read this and agree" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
        <Button type="submit" size="lg" mih={52} fullWidth disabled={!agreed} loading={busy}>
          Begin
        </Button>
      </div>
    </form>
  );
}
