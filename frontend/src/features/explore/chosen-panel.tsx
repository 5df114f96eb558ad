import { Button, Group, Menu, NumberInput, Paper, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { classesQuery, useMay } from "@/api/projects";
import { schemaQuery, type CellAttribute } from "@/api/schemas";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { AttributeSaid, saidOf, type Value } from "./attribute-said";
import { CellCrops } from "./cell-crops";
import type { Columns } from "./columns";
import { labelCells, undoLabelling, type Labelling, type Said } from "./queries";

const SHOWN = 9;
const NO_CLASS = "none";

/** Cells inside a gate or of a whole group: what they look like, and a class for all of them at once. */
export function ChosenPanel({ project, atlas, chosen, columns, onClear }: { project: string; atlas: string; chosen: ReadonlySet<number>; columns: Columns; onClear: () => void }) {
  const client = useQueryClient();
  const mayLabel = useMay(project, "ANNOTATOR");
  const known = useQuery(classesQuery(project)).data?.filter((one) => !one.archived) ?? [];
  const attributes = useQuery(schemaQuery(project)).data?.attributes.filter((one) => !one.archived) ?? [];
  const [wanted, setWanted] = useState<string | null>(null);
  const [done, setDone] = useState<Labelling | null>(null);
  const fresh = async () => {
    await client.invalidateQueries({ queryKey: ["atlas-classes", atlas] });
    await client.invalidateQueries({ queryKey: ["branches"] });
  };
  const label = useMutation({
    mutationFn: (said: Said) => labelCells(atlas, [...chosen], said),
    onSuccess: async (act) => {
      setDone(act);
      await fresh();
    },
  });
  const undo = useMutation({
    mutationFn: (act: Labelling) => undoLabelling(atlas, act.id),
    onSuccess: async () => {
      setDone(null);
      await fresh();
    },
  });
  if (chosen.size === 0 && !done) return null;
  const numbers = spread([...chosen], SHOWN);
  const name = wanted === NO_CLASS ? "no class" : known.find((one) => one.id === wanted)?.name;
  return (
    <Paper withBorder p="sm" component="section" aria-label="Chosen cells">
      <Stack gap="xs">
        {chosen.size > 0 && (
          <Group justify="space-between" gap={4} wrap="nowrap">
            <Text size="sm" fw={600} className="num">{`${plural(chosen.size, "cell")} chosen of ${columns.count}`}</Text>
            <Button size="compact-xs" variant="subtle" px={4} flex="none" onClick={onClear}>
              Choose none
            </Button>
          </Group>
        )}
        {chosen.size > 0 && <CellCrops atlas={atlas} numbers={numbers} label="Some of the chosen cells" />}
        {chosen.size > 0 && mayLabel && (
          <>
            {known.length === 0 && (
              <Text size="xs" c="dimmed">
                The project has no classes yet. <TextLink to={addresses.classes(project)} size="xs">Make one</TextLink> to label these cells.
              </Text>
            )}
            <Select size="xs" aria-label="Class" placeholder="Choose a class" data={[...known.map(({ id, name: text }) => ({ value: id, label: text })), { value: NO_CLASS, label: "No class" }]} value={wanted} onChange={setWanted} />
            <Button size="xs" disabled={!wanted} loading={label.isPending} onClick={() => label.mutate({ label_class: wanted === NO_CLASS ? null : wanted })}>
              {name ? `Label ${plural(chosen.size, "cell")} as ${name}` : `Label ${plural(chosen.size, "cell")}`}
            </Button>
            <MoreSaid busy={label.isPending} onSay={(said) => label.mutate(said)} />
            <AttributeSaid attributes={attributes} busy={label.isPending} onSay={(said) => label.mutate(said)} />
          </>
        )}
        {done && (
          <Group gap="xs" role="status">
            <Text size="xs" flex={1}>
              {`${plural(done.cell_count, "cell")} ${wordsOf(done, attributes)}.`}
              {done.skipped_count > 0 && ` ${plural(done.skipped_count, "cell")} passed over: locked, gone, or so before.`}
            </Text>
            <Button size="compact-xs" variant="default" loading={undo.isPending} onClick={() => undo.mutate(done)}>
              Undo
            </Button>
          </Group>
        )}
        <ErrorNotice error={label.error ?? undo.error} />
      </Stack>
    </Paper>
  );
}

/** What else can be said of many at once: how good they are, and that nothing is learnt from them. */
function MoreSaid({ busy, onSay }: { busy: boolean; onSay: (said: Said) => void }) {
  const [quality, setQuality] = useState<number | string>("");
  return (
    <Group gap={6} wrap="nowrap" align="flex-end">
      <NumberInput size="xs" flex={1} miw={0} label="Quality" min={0} max={1} step={0.1} decimalScale={2} placeholder="0 to 1" value={quality} onChange={setQuality} />
      <Button size="xs" variant="default" disabled={busy || typeof quality !== "number"} onClick={() => typeof quality === "number" && onSay({ quality })}>
        Set
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="xs" variant="default" disabled={busy} px={8}>
            Flag
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onSay({ ignored: true })}>Not for training</Menu.Item>
          <Menu.Item onClick={() => onSay({ ignored: false })}>For training again</Menu.Item>
          <Menu.Item onClick={() => onSay({ uncertain: true })}>Uncertain</Menu.Item>
          <Menu.Item onClick={() => onSay({ uncertain: false })}>Certain again</Menu.Item>
          <Menu.Item onClick={() => onSay({ quality: null })}>Take the quality away</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

function wordsOf({ said, class_name }: Labelling, known: readonly CellAttribute[]): string {
  const words = [];
  const { quality, ignored, uncertain, attributes = {} } = said as Said;
  if ("class" in said) words.push(`labelled as ${class_name ?? "no class"}`);
  if (quality !== undefined) words.push(quality === null ? "without a quality" : `with quality ${quality}`);
  if (ignored !== undefined) words.push(ignored ? "not for training" : "for training again");
  if (uncertain !== undefined) words.push(uncertain ? "marked uncertain" : "marked certain");
  for (const [id, value] of Object.entries(attributes)) words.push(saidOf(known.find((one) => one.id === id), value as Value | null));
  return words.join(", ");
}

/** Evenly over all of them. */
function spread(numbers: readonly number[], count: number): number[] {
  const step = Math.max(1, numbers.length / count);
  return Array.from({ length: Math.min(count, numbers.length) }, (_, i) => numbers[Math.floor(i * step)] ?? 0);
}
