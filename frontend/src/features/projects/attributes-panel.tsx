import { ActionIcon, Button, Group, Menu, NativeSelect, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import type { ArrangedSchema, CellAttribute } from "@/api/schemas";
import type { Schema } from "@/api/types";
import { FormDialog } from "@/ui/form-dialog";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import classes from "./classes-page.module.css";
import { useRereadSchema, type Migration } from "./schema-changes";

interface AttributesPanelProps {
  project: string;
  schema: ArrangedSchema;
  mayChange: boolean;
  onPreview: (migration: Migration) => void;
}

type Kind = CellAttribute["kind"];
const KINDS: { value: Kind; label: string }[] = [
  { value: "NUMBER", label: "a number" },
  { value: "CHOICE", label: "a choice" },
  { value: "TEXT", label: "a text" },
  { value: "FLAG", label: "yes or no" },
];

/** What is said of a cell beside its classes. */
export function AttributesPanel({ project, schema, mayChange, onPreview }: AttributesPanelProps) {
  const [adding, setAdding] = useState(false);
  const rows = schema.attributes.filter((one) => !one.archived);
  return (
    <Panel title="Attributes">
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing more is said of a cell. Add an attribute for a size, a stage, a remark or a yes or no.
        </Text>
      )}
      <ul className={classes.list} aria-label="Attributes">
        {rows.map((one) => (
          <li key={one.id} className={classes.row}>
            <Text size="sm" flex={1} miw={0} style={{ overflowWrap: "anywhere" }}>
              <b>{one.name}</b> · {wordsOf(one)} · {one.label_class ? `of ${schema.classes.find(({ id }) => id === one.label_class)?.path ?? "?"}` : "of every cell"}
            </Text>
            {mayChange && <AttributeMenu project={project} schema={schema} row={one} onPreview={onPreview} />}
          </li>
        ))}
      </ul>
      {mayChange && (
        <Button mt="xs" size="compact-sm" variant="default" onClick={() => setAdding(true)}>
          Add an attribute
        </Button>
      )}
      {adding && <NewAttribute project={project} schema={schema} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function wordsOf({ kind, unit, low, high, choices }: CellAttribute): string {
  if (kind === "CHOICE") return choices.join(", ");
  if (kind !== "NUMBER") return KINDS.find(({ value }) => value === kind)?.label ?? kind;
  return ["a number", unit && `in ${unit}`, low !== null && `from ${low}`, high !== null && `to ${high}`].filter(Boolean).join(" ");
}

function AttributeMenu({ project, schema, row, onPreview }: { project: string; schema: ArrangedSchema; row: CellAttribute; onPreview: (migration: Migration) => void }) {
  const [asking, setAsking] = useState<"rename" | "convert" | null>(null);
  const [name, setName] = useState(row.name);
  const reread = useRereadSchema(project);
  const path = { id: row.id };
  const change = useMutation({
    mutationFn: (body: Schema["PatchedAttributeChangeRequest"]) => data(api.PATCH("/api/v1/attributes/{id}/", { params: { path }, body })),
    onSuccess: () => setAsking(null),
    onSettled: reread,
  });
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/attributes/{id}/", { params: { path } })),
    onError: (error) => toast.failed(error, "The attribute was not deleted"),
    onSettled: reread,
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${row.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsking("rename")}>Rename …</Menu.Item>
          <Menu.Item onClick={() => setAsking("convert")}>Convert to another kind or unit …</Menu.Item>
          <Menu.Item onClick={() => change.mutate({ archived: true })}>Archive: cells keep it</Menu.Item>
          <Menu.Item color="bad" onClick={() => remove.mutate()}>
            Delete, if no cell ever had it
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === "rename" && (
        <FormDialog title={`Rename “${row.name}”`} submit="Rename" busy={change.isPending} error={change.error} onSubmit={() => change.mutate({ name: name.trim() })} onClose={() => setAsking(null)}>
          <TextInput label="Name" required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        </FormDialog>
      )}
      {asking === "convert" && <Convert row={row} schema={schema} onPreview={(migration) => (setAsking(null), onPreview(migration))} onClose={() => setAsking(null)} />}
    </>
  );
}

interface Draft {
  name: string;
  kind: Kind;
  unit: string;
  low: string | number;
  high: string | number;
  choices: string;
}

const NEW: Draft = { name: "", kind: "NUMBER", unit: "", low: "", high: "", choices: "" };
const bound = (value: string | number): number | null => (typeof value === "number" ? value : null);

function bodyOf({ name, kind, unit, low, high, choices }: Draft): Schema["AttributeInRequest"] {
  const number = kind === "NUMBER" ? { unit: unit.trim(), low: bound(low), high: bound(high) } : {};
  return { name: name.trim(), kind, ...number, ...(kind === "CHOICE" && { choices: choices.split(",").map((one) => one.trim()).filter(Boolean) }) };
}

function KindFields({ draft, onDraft }: { draft: Draft; onDraft: (draft: Draft) => void }) {
  const set = (change: Partial<Draft>) => onDraft({ ...draft, ...change });
  return (
    <Stack gap="sm">
      <TextInput label="Name" required maxLength={100} value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} data-autofocus />
      <NativeSelect label="Is" data={KINDS} value={draft.kind} onChange={(event) => set({ kind: event.currentTarget.value as Kind })} />
      {draft.kind === "NUMBER" && (
        <Group grow gap="xs">
          <TextInput label="Unit" placeholder="µm" maxLength={20} value={draft.unit} onChange={(event) => set({ unit: event.currentTarget.value })} />
          <NumberInput label="From" value={draft.low} onChange={(low) => set({ low })} />
          <NumberInput label="To" value={draft.high} onChange={(high) => set({ high })} />
        </Group>
      )}
      {draft.kind === "CHOICE" && <TextInput label="Choices, with commas between" required value={draft.choices} onChange={(event) => set({ choices: event.currentTarget.value })} />}
    </Stack>
  );
}

function NewAttribute({ project, schema, onClose }: { project: string; schema: ArrangedSchema; onClose: () => void }) {
  const [draft, setDraft] = useState(NEW);
  const [of, setOf] = useState("");
  const reread = useRereadSchema(project);
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/projects/{id}/attributes/", { params: { path: { id: project } }, body: { ...bodyOf(draft), label_class: of || null } })),
    onSuccess: async () => {
      await reread();
      onClose();
    },
  });
  const inUse = schema.classes.filter((one) => !one.archived);
  return (
    <FormDialog title="New attribute" submit="Add" busy={make.isPending} error={make.error} onSubmit={() => make.mutate()} onClose={onClose}>
      <KindFields draft={draft} onDraft={setDraft} />
      <NativeSelect label="Said of" data={[{ value: "", label: "every cell" }, ...inUse.map((one) => ({ value: one.id, label: `cells of ${one.path}` }))]} value={of} onChange={(event) => setOf(event.currentTarget.value)} />
    </FormDialog>
  );
}

/** Another kind or unit; values follow where they can. */
function Convert({ row, schema, onPreview, onClose }: { row: CellAttribute; schema: ArrangedSchema; onPreview: (migration: Migration) => void; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>({ name: row.name, kind: row.kind, unit: row.unit, low: row.low ?? "", high: row.high ?? "", choices: row.choices.join(", ") });
  const [factor, setFactor] = useState<string | number>(1);
  const [map, setMap] = useState<Record<string, string>>({});
  const old = row.kind === "CHOICE" ? row.choices : row.kind === "FLAG" ? ["true", "false"] : [];
  const targets = draft.kind === "CHOICE" ? (bodyOf(draft).choices ?? []) : [];
  const isKnown = schema.attributes.length > 0;
  const submit = () => {
    const said = Object.fromEntries(Object.entries(map).filter(([, to]) => to !== ""));
    onPreview({ operation: "RETYPE", attribute: row.id, said: { ...bodyOf(draft), label_class: row.label_class }, conversion: { map: said, factor: typeof factor === "number" ? factor : 1 } });
  };
  return (
    <FormDialog title={`Convert “${row.name}”`} submit="Show what changes" busy={!isKnown} error={null} onSubmit={submit} onClose={onClose}>
      <KindFields draft={draft} onDraft={setDraft} />
      {row.kind === "NUMBER" && draft.kind === "NUMBER" && <NumberInput label="Old numbers times" value={factor} onChange={setFactor} />}
      {targets.length > 0 && old.map((one) => (
        <NativeSelect key={one} label={`“${one}” becomes`} data={[{ value: "", label: targets.includes(one) ? one : "stays with the old attribute" }, ...targets]} value={map[one] ?? ""} onChange={(event) => setMap({ ...map, [one]: event.currentTarget.value })} />
      ))}
    </FormDialog>
  );
}
