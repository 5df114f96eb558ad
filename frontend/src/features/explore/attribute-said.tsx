import { Button, Group, NativeSelect, NumberInput, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { CellAttribute } from "@/api/schemas";
import type { Said } from "./queries";

export type Value = string | number | boolean;

interface AttributeSaidProps {
  attributes: readonly CellAttribute[];
  busy: boolean;
  onSay: (said: Said) => void;
}

/** A value of one attribute for all chosen cells, or none. */
export function AttributeSaid({ attributes, busy, onSay }: AttributeSaidProps) {
  const [id, setId] = useState<string>("");
  const [value, setValue] = useState<Value | null>(null);
  const known = attributes.find((one) => one.id === id) ?? attributes[0];
  if (!known) return null;
  const say = (said: Value | null) => onSay({ attributes: { [known.id]: said } });
  return (
    <Stack gap={6}>
      <NativeSelect
        size="xs"
        label="Attribute"
        data={attributes.map((one) => ({ value: one.id, label: one.name }))}
        value={known.id}
        onChange={(event) => {
          setId(event.currentTarget.value);
          setValue(null);
        }}
      />
      <Group gap={6} wrap="nowrap" align="flex-end">
        <ValueInput key={known.id} attribute={known} value={value} onChange={setValue} />
        <Button size="xs" variant="default" disabled={busy || value === null} onClick={() => say(value)}>
          Set
        </Button>
        <Button size="xs" variant="default" px={8} disabled={busy} onClick={() => say(null)}>
          Clear
        </Button>
      </Group>
    </Stack>
  );
}

const FLAGS = [{ value: "", label: "–" }, { value: "true", label: "yes" }, { value: "false", label: "no" }];

function ValueInput({ attribute, value, onChange }: { attribute: CellAttribute; value: Value | null; onChange: (value: Value | null) => void }) {
  const common = { size: "xs", flex: 1, miw: 0, "aria-label": `Value of ${attribute.name}` } as const;
  if (attribute.kind === "NUMBER") {
    const unit = attribute.unit ? ` ${attribute.unit}` : undefined;
    return <NumberInput {...common} suffix={unit} min={attribute.low ?? undefined} max={attribute.high ?? undefined} value={typeof value === "number" ? value : ""} onChange={(said) => onChange(typeof said === "number" ? said : null)} />;
  }
  if (attribute.kind === "TEXT") return <TextInput {...common} maxLength={200} value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value || null)} />;
  const isFlag = attribute.kind === "FLAG";
  const choices = isFlag ? FLAGS : [{ value: "", label: "–" }, ...attribute.choices.map((one) => ({ value: one, label: one }))];
  return <NativeSelect {...common} data={choices} value={value === null ? "" : String(value)} onChange={({ currentTarget: { value: said } }) => onChange(said === "" ? null : isFlag ? said === "true" : said)} />;
}

/** What was said of an attribute, in words. */
export function saidOf(attribute: CellAttribute | undefined, value: Value | null): string {
  const name = attribute?.name ?? "an attribute";
  if (value === null) return `without ${name}`;
  return `with ${name} ${typeof value === "boolean" ? (value ? "yes" : "no") : value}${attribute?.unit ? ` ${attribute.unit}` : ""}`;
}
