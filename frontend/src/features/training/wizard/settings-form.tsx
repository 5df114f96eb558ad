import { NumberInput, Select, SimpleGrid, Switch, TagsInput, TextInput } from "@mantine/core";
import type { SettingValue } from "../types";
import type { Field } from "./fields";

interface SettingsFormProps {
  fields: readonly Field[];
  /** Names of the images' channels, offered where channels are asked for. */
  channels: readonly string[];
  values: Readonly<Record<string, SettingValue>>;
  onChange: (name: string, value: SettingValue) => void;
}

/** Settings of a recipe, made of its schema. */
export function SettingsForm({ fields, channels, values, onChange }: SettingsFormProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="md">
      {fields.map((field) => (
        <SettingField key={field.name} field={field} channels={channels} value={values[field.name] ?? field.default} onChange={(value) => onChange(field.name, value)} />
      ))}
    </SimpleGrid>
  );
}

function SettingField({ field, channels, value, onChange }: { field: Field; channels: readonly string[]; value: SettingValue; onChange: (value: SettingValue) => void }) {
  const said = { label: field.title, description: field.description };
  switch (field.kind) {
    case "choice":
      return <Select {...said} data={[...field.values]} value={String(value)} allowDeselect={false} onChange={(chosen) => chosen !== null && onChange(chosen)} />;
    case "flag":
      return <Switch {...said} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "words":
      return <TagsInput {...said} data={field.channels ? [...channels] : []} value={Array.isArray(value) ? value : []} onChange={onChange} />;
    case "text":
      return <TextInput {...said} value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "number":
      return (
        <NumberInput
          {...said}
          value={typeof value === "number" ? value : ""}
          placeholder={field.optional ? "Empty" : undefined}
          min={field.minimum}
          max={field.maximum}
          allowDecimal={!field.whole}
          step={field.whole ? 1 : undefined}
          onChange={(typed) => (typeof typed === "number" ? onChange(typed) : field.optional && onChange(null))}
        />
      );
  }
}
