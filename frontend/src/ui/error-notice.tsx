import { Alert, Button, Group } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

/** A refusal or failure in its own words, with a way to try again when there is one. */
export function ErrorNotice({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  if (!error) return null;
  return (
    <Alert role="alert" color="bad" variant="light" title={title} icon={<IconAlertTriangle size={18} />}>
      <Group justify="space-between" gap="sm">
        <span>{sentenceOf(error)}</span>
        {onRetry && (
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something failed, and did not say what. Please try again.";
}
