import { ActionIcon, Button, ColorInput, Group, Skeleton, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTags, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { classesQuery, useMay, type LabelClass } from "@/api/projects";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { CLASS_COLOURS } from "@/ui/palette";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { useParam } from "@/ui/use-address";
import { DeleteClass } from "./delete-class";
import { freshColour, swapped } from "./class-order";
import classes from "./classes-page.module.css";

export function ClassesPage() {
  const project = useParam("projectId");
  const list = useQuery(classesQuery(project));
  const mayChange = useMay(project, "MANAGER");
  const rows = list.data?.filter((one) => !one.archived) ?? [];
  return (
    <>
      <PageHeader title="Classes" subtitle="What a cell can be: a type, a phase, a state. The first nine have the keys 1 to 9 in the editor." />
      <Stack gap="md" maw="44rem">
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        {list.isPending && <Skeleton height={160} />}
        {list.data && rows.length === 0 && (
          <EmptyState icon={<IconTags size={40} stroke={1.2} />} title="No classes">
            Outlines alone need none. Add classes when cells differ in a way that you want to count or predict.
          </EmptyState>
        )}
        {rows.length > 0 && (
          <Panel title="In this order">
            <ol className={classes.list}>
              {rows.map((one, index) => (
                <ClassRow key={`${one.id} ${one.name} ${one.color}`} project={project} rows={rows} index={index} mayChange={mayChange} />
              ))}
            </ol>
          </Panel>
        )}
        {mayChange && list.data && <NewClass project={project} rows={list.data} />}
      </Stack>
    </>
  );
}

function useClassChange(project: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (changes: { id: string; body: { name?: string; color?: string; position?: number } }[]) =>
      Promise.all(changes.map(({ id, body }) => data(api.PATCH("/api/v1/classes/{id}/", { params: { path: { id } }, body })))),
    onError: (error) => toast.failed(error, "The class was not changed"),
    onSettled: () => queries.invalidateQueries({ queryKey: classesQuery(project).queryKey }),
  });
}

function ClassRow({ project, rows, index, mayChange }: { project: string; rows: readonly LabelClass[]; index: number; mayChange: boolean }) {
  const row = rows[index];
  const [name, setName] = useState(row.name);
  const [colour, setColour] = useState(row.color ?? CLASS_COLOURS[0]);
  const [deleting, setDeleting] = useState(false);
  const change = useClassChange(project);
  const move = (by: number) => change.mutate(swapped(rows, index, index + by));
  const saveName = () => {
    if (name.trim() && name !== row.name) change.mutate([{ id: row.id, body: { name: name.trim() } }]);
    else setName(row.name);
  };
  return (
    <li className={classes.row} aria-label={row.name}>
      <Text size="xs" c="dimmed" w={16} ta="right" className="num" title={index < 9 ? `Key ${index + 1} in the editor` : undefined}>
        {index + 1}
      </Text>
      <ColourChoice name={row.name} value={colour} disabled={!mayChange} onChange={setColour} onDone={(color) => change.mutate([{ id: row.id, body: { color } }])} />
      <TextInput flex={1} miw={0} aria-label={`Name of class ${index + 1}`} readOnly={!mayChange} value={name} onChange={(event) => setName(event.currentTarget.value)} onBlur={saveName} onKeyDown={(event) => event.key === "Enter" && saveName()} />
      {mayChange && (
        <Group gap={2} wrap="nowrap">
          <ActionIcon variant="subtle" color="gray" aria-label={`Move ${row.name} up`} disabled={index === 0} onClick={() => move(-1)}>
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={`Move ${row.name} down`} disabled={index === rows.length - 1} onClick={() => move(1)}>
            <IconArrowDown size={16} />
          </ActionIcon>
          <Tooltip label="Delete">
            <ActionIcon variant="subtle" color="bad" aria-label={`Delete ${row.name}`} onClick={() => setDeleting(true)}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      )}
      {deleting && <DeleteClass project={project} row={row} onClose={() => setDeleting(false)} />}
    </li>
  );
}

interface ColourChoiceProps {
  name: string;
  value: string;
  disabled?: boolean;
  onChange: (colour: string) => void;
  onDone?: (colour: string) => void;
}

function ColourChoice({ name, value, disabled, onChange, onDone }: ColourChoiceProps) {
  return <ColorInput w={128} aria-label={`Colour of ${name}`} format="hex" swatches={[...CLASS_COLOURS]} swatchesPerRow={8} value={value} disabled={disabled} onChange={onChange} onChangeEnd={(colour) => /^#[0-9a-f]{6}$/i.test(colour) && onDone?.(colour)} />;
}

function NewClass({ project, rows }: { project: string; rows: readonly LabelClass[] }) {
  const [name, setName] = useState("");
  const [chosen, setColour] = useState<string | null>(null);
  const colour = chosen ?? freshColour(rows);
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/projects/{id}/classes/", { params: { path: { id: project } }, body: { name: name.trim(), color: colour, position: rows.length } })),
    onSuccess: async () => {
      setName("");
      setColour(null);
      await queries.invalidateQueries({ queryKey: classesQuery(project).queryKey });
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
          <Group gap="xs" wrap="nowrap">
            <ColourChoice name="the new class" value={colour} onChange={setColour} />
            <TextInput flex={1} aria-label="Name of the new class" placeholder="mitotic" required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
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
