import { Button, ColorInput, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import type { TreeClass } from "@/api/schemas";
import { ErrorNotice } from "@/ui/error-notice";
import { CLASS_COLOURS } from "@/ui/palette";
import { Panel } from "@/ui/panel";
import { freshColour } from "./class-order";
import { useRereadSchema } from "./schema-changes";

export function NewClass({ project, rows }: { project: string; rows: readonly TreeClass[] }) {
  const [name, setName] = useState("");
  const [chosen, setColour] = useState<string | null>(null);
  const [parent, setParent] = useState("");
  const colour = chosen ?? freshColour(rows);
  const reread = useRereadSchema(project);
  const make = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/projects/{id}/classes/", { params: { path: { id: project } }, body: { name: name.trim(), color: colour, position: rows.length, parent: parent || null } })),
    onSuccess: async () => {
      setName("");
      setColour(null);
      await reread();
    },
  });
  return (
    <Panel title="New class">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack gap="sm">
          <Group gap="xs" align="flex-end">
            <ColourChoice name="the new class" value={colour} onChange={setColour} />
            <TextInput flex={1} miw="9rem" aria-label="Name of the new class" placeholder="mitotic" required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
            <NativeSelect miw="9rem" maw="14rem" aria-label="Class above the new one" data={[{ value: "", label: "at the top" }, ...rows.filter((one) => !one.archived).map((one) => ({ value: one.id, label: `below ${one.path}` }))]} value={parent} onChange={(event) => setParent(event.currentTarget.value)} />
            <Button type="submit" variant="default" loading={make.isPending}>
              Add
            </Button>
          </Group>
          <ErrorNotice error={make.error} />
        </Stack>
      </form>
    </Panel>
  );
}

interface ColourChoiceProps {
  name: string;
  value: string;
  disabled?: boolean;
  onChange: (colour: string) => void;
  onDone?: (colour: string) => void;
}

export function ColourChoice({ name, value, disabled, onChange, onDone }: ColourChoiceProps) {
  return <ColorInput w={128} aria-label={`Colour of ${name}`} format="hex" swatches={[...CLASS_COLOURS]} swatchesPerRow={8} value={value} disabled={disabled} onChange={onChange} onChangeEnd={(colour) => /^#[0-9a-f]{6}$/i.test(colour) && onDone?.(colour)} />;
}
