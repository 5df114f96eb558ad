import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { ErrorNotice } from "./error-notice";

export interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  /** What will happen, and what will not come back. */
  children: ReactNode;
  /** The verb on the button: "Delete dataset". */
  confirm: string;
  /** A word to type first, for what cannot be undone. */
  typeToConfirm?: string;
  busy?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

export function ConfirmDialog({ opened, title, onClose, ...rest }: ConfirmDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ "aria-label": "Close" }}>
      <ConfirmForm onClose={onClose} {...rest} />
    </Modal>
  );
}

function ConfirmForm({ children, confirm, typeToConfirm, busy, error, onConfirm, onClose }: Omit<ConfirmDialogProps, "opened" | "title">) {
  const [typed, setTyped] = useState("");
  const allowed = !typeToConfirm || typed.trim() === typeToConfirm;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (allowed) onConfirm();
      }}
    >
      <Stack gap="md">
        <Text component="div" size="sm">
          {children}
        </Text>
        {typeToConfirm && (
          <TextInput label={`Type “${typeToConfirm}” to confirm`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} data-autofocus />
        )}
        <ErrorNotice error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus={typeToConfirm ? undefined : true}>
            Keep it
          </Button>
          <Button type="submit" color="bad" disabled={!allowed} loading={busy}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
