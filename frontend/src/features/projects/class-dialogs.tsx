import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { attributesFor, type ArrangedSchema, type TreeClass } from "@/api/schemas";
import { FormDialog } from "@/ui/form-dialog";
import { freshColour } from "./class-order";
import type { Migration } from "./schema-changes";

interface DialogProps {
  schema: ArrangedSchema;
  row: TreeClass;
  onPreview: (migration: Migration) => void;
  onClose: () => void;
}

const pathOf = ({ id, path }: TreeClass) => ({ value: id, label: path });

/** Another class takes its place, or none: then its cells lose it. */
export function MergeDialog({ schema, row, onPreview, onClose }: DialogProps) {
  const [into, setInto] = useState("");
  const others = schema.classes.filter((one) => !one.archived && one.id !== row.id);
  return (
    <FormDialog title={`Merge or remove “${row.name}”`} submit="Show what changes" busy={false} error={null} onClose={onClose} onSubmit={() => onPreview({ operation: "MERGE", label_class: row.id, into: into || null })}>
      <NativeSelect label="Its cells become" data={[{ value: "", label: "cells without it" }, ...others.map(pathOf)]} value={into} onChange={(event) => setInto(event.currentTarget.value)} data-autofocus />
    </FormDialog>
  );
}

/** Some of its cells become a new class: those for which something was said of an attribute. */
export function SplitDialog({ schema, row, onPreview, onClose }: DialogProps) {
  const attributes = attributesFor(schema, [row.id]);
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState(attributes[0]?.id ?? "");
  const [value, setValue] = useState("");
  const [low, setLow] = useState<string | number>("");
  const [high, setHigh] = useState<string | number>("");
  const attribute = attributes.find((one) => one.id === chosen);
  const isNumber = attribute?.kind === "NUMBER";
  const choices = attribute?.kind === "FLAG" ? ["true", "false"] : (attribute?.choices ?? []);
  const said = value || (attribute?.kind === "TEXT" ? "" : (choices[0] ?? ""));
  const bound = (one: string | number) => (typeof one === "number" ? one : null);
  const condition = { attribute: chosen, ...(isNumber ? { low: bound(low), high: bound(high) } : { values: [attribute?.kind === "FLAG" ? said === "true" : said] }) };
  const submit = () => onPreview({ operation: "SPLIT", label_class: row.id, parent: row.parent, name: name.trim(), color: freshColour(schema.classes), condition });
  if (attributes.length === 0) {
    return (
      <FormDialog title={`Split “${row.name}”`} submit="Close" busy={false} error={null} onClose={onClose} onSubmit={onClose}>
        A class is split by an attribute: cells of which something was said become the new class. Add an attribute first, and say it of the cells.
      </FormDialog>
    );
  }
  return (
    <FormDialog title={`Split a class off “${row.name}”`} submit="Show what changes" busy={false} error={null} onClose={onClose} onSubmit={submit}>
      <TextInput label="Name of the new class" required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <NativeSelect label="Cells whose" data={attributes.map((one) => ({ value: one.id, label: one.name }))} value={chosen} onChange={(event) => setChosen(event.currentTarget.value)} />
      {isNumber && <NumberInput label="is at least" suffix={attribute.unit && ` ${attribute.unit}`} value={low} onChange={setLow} />}
      {isNumber && <NumberInput label="and below" suffix={attribute.unit && ` ${attribute.unit}`} value={high} onChange={setHigh} />}
      {!isNumber && choices.length > 0 && <NativeSelect label="is" data={choices.map((one) => ({ value: one, label: one === "true" ? "yes" : one === "false" ? "no" : one }))} value={said} onChange={(event) => setValue(event.currentTarget.value)} />}
      {!isNumber && choices.length === 0 && <TextInput label="is" required value={value} onChange={(event) => setValue(event.currentTarget.value)} />}
    </FormDialog>
  );
}
