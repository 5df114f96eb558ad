import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { CellAttribute } from "@/api/schemas";
import type { AttributeValue } from "@/editor";

interface AttributeFieldProps {
  attribute: CellAttribute;
  label: string;
  /** Null: nobody said. */
  value: AttributeValue | null;
  disabled?: boolean;
  onChange: (value: AttributeValue | null) => void;
}

const FLAGS = [{ value: "", label: "–" }, { value: "true", label: "yes" }, { value: "false", label: "no" }];

/** One attribute's value, by its kind; what is empty takes it away. */
export function AttributeField(props: AttributeFieldProps) {
  const { attribute, label, value, disabled, onChange } = props;
  if (attribute.kind === "NUMBER") return <NumberField {...props} />;
  if (attribute.kind === "TEXT") return <TextField {...props} />;
  const choices = attribute.kind === "FLAG" ? FLAGS : [{ value: "", label: "–" }, ...attribute.choices.map((one) => ({ value: one, label: one }))];
  const said = (text: string): AttributeValue | null => (text === "" ? null : attribute.kind === "FLAG" ? text === "true" : text);
  return <NativeSelect size="xs" label={label} disabled={disabled} data={choices} value={value === null ? "" : String(value)} onChange={(event) => onChange(said(event.currentTarget.value))} />;
}

/** Said when it is left or Enter is pressed, so that a number being typed is no edit of each digit. */
function NumberField({ attribute, label, value, disabled, onChange }: AttributeFieldProps) {
  const [draft, setDraft] = useState<string | number | null>(null);
  const say = () => {
    if (draft !== null) onChange(typeof draft === "number" ? draft : null);
    setDraft(null);
  };
  return (
    <NumberInput
      size="xs"
      label={label}
      disabled={disabled}
      suffix={attribute.unit ? ` ${attribute.unit}` : undefined}
      min={attribute.low ?? undefined}
      max={attribute.high ?? undefined}
      value={draft ?? (typeof value === "number" ? value : "")}
      onChange={setDraft}
      onBlur={say}
      onKeyDown={(event) => event.key === "Enter" && say()}
    />
  );
}

function TextField({ label, value, disabled, onChange }: AttributeFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const say = () => {
    if (draft !== null) onChange(draft.trim() || null);
    setDraft(null);
  };
  return <TextInput size="xs" label={label} maxLength={200} disabled={disabled} value={draft ?? String(value ?? "")} onChange={(event) => setDraft(event.currentTarget.value)} onBlur={say} onKeyDown={(event) => event.key === "Enter" && say()} />;
}
