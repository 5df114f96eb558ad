import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import { changeModel } from "./queries";
import type { TrainedModelDetail } from "./types";

interface RenameDialogProps {
  model: TrainedModelDetail;
  opened: boolean;
  onClose: () => void;
}

export function RenameDialog({ model, opened, onClose }: RenameDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Rename or describe" centered closeButtonProps={{ "aria-label": "Close" }}>
      <Form model={model} onClose={onClose} />
    </Modal>
  );
}

function Form({ model, onClose }: Omit<RenameDialogProps, "opened">) {
  const [name, setName] = useState(model.name);
  const [description, setDescription] = useState(model.description);
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => changeModel(model.id, { ...(name.trim() !== model.name && { name: name.trim() }), description }),
    onSuccess: (changed) => {
      queries.setQueryData(["trained-models", model.id], changed);
      void queries.invalidateQueries({ queryKey: ["trained-models"] });
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Stack>
        <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        <Textarea label="Description" description="What it is good for, and what not." autosize minRows={3} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
        <ErrorNotice error={change.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
