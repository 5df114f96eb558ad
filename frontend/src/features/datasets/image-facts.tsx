import { Button, Group, NumberInput, SimpleGrid, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { imageQuery, type Image } from "@/api/datasets";
import { ErrorNotice } from "@/ui/error-notice";
import { toast } from "@/ui/toast";

type Number = number | string;

interface Editable {
  name: string;
  channels: string[];
  z: Number;
  y: Number;
  x: Number;
  interval: Number;
}

const editableOf = (image: Image): Editable => ({
  name: image.name,
  channels: [...image.channel_names],
  z: image.pixel_size_z_um ?? "",
  y: image.pixel_size_y_um ?? "",
  x: image.pixel_size_x_um ?? "",
  interval: image.frame_interval_s ?? "",
});

const numberOf = (value: Number): number | null => (value === "" ? null : globalThis.Number(value));

/** Axes as they were read, and what people may correct: names and physical sizes. */
export function ImageFacts({ image, mayManage }: { image: Image; mayManage: boolean }) {
  const [form, setForm] = useState(() => editableOf(image));
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      data(
        api.PATCH("/api/v1/images/{id}/", {
          params: { path: { id: image.id } },
          body: { name: form.name, channel_names: form.channels, pixel_size_z_um: numberOf(form.z), pixel_size_y_um: numberOf(form.y), pixel_size_x_um: numberOf(form.x), frame_interval_s: numberOf(form.interval) },
        }),
      ),
    onSuccess: async (saved) => {
      queries.setQueryData(imageQuery(image.id).queryKey, saved);
      await queries.invalidateQueries({ queryKey: ["images"] });
      toast.done("Saved.");
    },
  });
  const changed = JSON.stringify(form) !== JSON.stringify(editableOf(image));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        <Axes image={image} />
        <Title order={3} size="h6">
          Names and sizes
        </Title>
        <fieldset disabled={!mayManage} style={{ border: 0, padding: 0, margin: 0 }}>
          <Fields image={image} form={form} onChange={(part) => setForm((now) => ({ ...now, ...part }))} />
        </fieldset>
        <ErrorNotice error={save.error} />
        {mayManage && (
          <Group justify="flex-end" gap="xs">
            <Button variant="subtle" color="gray" disabled={!changed} onClick={() => setForm(editableOf(image))}>
              Discard
            </Button>
            <Button type="submit" variant="default" disabled={!changed} loading={save.isPending}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Axes({ image }: { image: Image }) {
  const axes: [string, number][] = [
    ["frames", image.size_t],
    ["channels", image.size_c],
    ["slices", image.size_z],
    ["rows", image.size_y],
    ["columns", image.size_x],
  ];
  return (
    <div>
      <Title order={3} size="h6" mb={4}>
        Axes
      </Title>
      <Table layout="fixed" withRowBorders={false} verticalSpacing={2} horizontalSpacing={0} fz="sm">
        <Table.Thead>
          <Table.Tr>
            {axes.map(([name]) => (
              <Table.Th key={name} fw={400} fz="xs" c="dimmed">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr className="num">
            {axes.map(([name, size]) => (
              <Table.Td key={name}>{size}</Table.Td>
            ))}
          </Table.Tr>
        </Table.Tbody>
      </Table>
      {image.axes_note && (
        <Text size="xs" c="dimmed" mt={4}>
          {image.axes_note}
        </Text>
      )}
      {image.source && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          From {image.source}
        </Text>
      )}
    </div>
  );
}

function Fields({ image, form, onChange }: { image: Image; form: Editable; onChange: (part: Partial<Editable>) => void }) {
  const micrometres = { size: "xs", min: 0, decimalScale: 6, hideControls: true, suffix: " µm", placeholder: "not set" } as const;
  return (
    <Stack gap="xs">
      <TextInput size="xs" label="Name" required value={form.name} onChange={(event) => onChange({ name: event.currentTarget.value })} />
      <SimpleGrid cols={3} spacing="xs">
        <NumberInput {...micrometres} label="Pixel width" value={form.x} onChange={(x) => onChange({ x })} />
        <NumberInput {...micrometres} label="Pixel height" value={form.y} onChange={(y) => onChange({ y })} />
        {image.size_z > 1 && <NumberInput {...micrometres} label="Slice distance" value={form.z} onChange={(z) => onChange({ z })} />}
        {image.size_t > 1 && <NumberInput {...micrometres} suffix=" s" label="Frame interval" value={form.interval} onChange={(interval) => onChange({ interval })} />}
      </SimpleGrid>
      <SimpleGrid cols={2} spacing="xs">
        {form.channels.map((name, index) => (
          <TextInput
            key={index}
            size="xs"
            label={`Channel ${index + 1}`}
            required
            value={name}
            onChange={(event) => onChange({ channels: form.channels.map((old, at) => (at === index ? event.currentTarget.value : old)) })}
          />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
