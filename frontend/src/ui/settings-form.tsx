import { MultiSelect, NumberInput, Select, SimpleGrid, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import type { Field, SettingValue } from "./setting-fields";

interface SettingsFormProps {
  fields: readonly Field[];
  /** What is offered where channels of the images or classes of the project are asked for. */
  offers?: Offers;
  /** Stands where a number that may be left empty is empty. */
  empty?: string;
  /** Beside each other where there is room, unless it says 1. */
  columns?: 1 | 2;
  values: Readonly<Record<string, SettingValue>>;
  onChange: (name: string, value: SettingValue) => void;
}

export interface Offers {
  readonly channels: readonly string[];
  readonly classes: readonly string[];
}

const NO_OFFERS: Offers = { channels: [], classes: [] };

/** Settings of a recipe, made of its schema. */
export function SettingsForm({ fields, offers = NO_OFFERS, empty = "Empty", columns = 2, values, onChange }: SettingsFormProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: columns }} spacing="md" verticalSpacing="md">
      {fields.map((field) => (
        <SettingField key={field.name} field={field} offers={offers} empty={empty} value={values[field.name] ?? field.default} onChange={(value) => onChange(field.name, value)} />
      ))}
    </SimpleGrid>
  );
}

function SettingField({ field, offers, empty, value, onChange }: { field: Field; offers: Offers; empty: string; value: SettingValue; onChange: (value: SettingValue) => void }) {
  const said = { label: field.title, description: field.description };
  switch (field.kind) {
    case "choice":
      return <Choice field={field} value={String(value)} onChange={onChange} />;
    case "flag":
      return <Switch {...said} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case "words":
      return <Words field={field} said={said} offers={offers} value={Array.isArray(value) ? value : []} onChange={onChange} />;
    case "file":
      return (
        <Select
          {...said}
          data={[...field.files]}
          value={typeof value === "string" ? value : null}
          placeholder={field.files.length > 0 ? "None: from scratch" : "No file is there: from scratch"}
          disabled={field.files.length === 0}
          clearable
          onChange={onChange}
        />
      );
    case "text":
      return <TextInput {...said} value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value)} />;
    case "number":
      return (
        <NumberInput
          {...said}
          value={typeof value === "number" ? value : ""}
          placeholder={field.optional ? empty : undefined}
          min={field.minimum}
          max={field.maximum}
          allowDecimal={!field.whole}
          step={field.whole ? 1 : undefined}
          onChange={(typed) => (typeof typed === "number" ? onChange(typed) : field.optional && onChange(null))}
        />
      );
  }
}

/** Options with a sentence each; that of the chosen one stays below. */
function Choice({ field, value, onChange }: { field: Extract<Field, { kind: "choice" }>; value: string; onChange: (value: SettingValue) => void }) {
  const chosen = field.values.find((one) => one.value === value);
  return (
    <Select
      label={field.title}
      description={chosen?.note ? `${field.description} ${chosen.label}: ${chosen.note}` : field.description}
      data={field.values.map(({ value: word, label }) => ({ value: word, label }))}
      value={value}
      allowDeselect={false}
      maxDropdownHeight={420}
      onChange={(word) => word !== null && onChange(word)}
      renderOption={({ option }) => (
        <div>
          <Text size="sm">{option.label}</Text>
          <Text size="xs" c="dimmed">
            {field.values.find((one) => one.value === option.value)?.note}
          </Text>
        </div>
      )}
    />
  );
}

interface WordsProps {
  field: Extract<Field, { kind: "words" }>;
  said: { label: string; description: string };
  offers: Offers;
  value: string[];
  onChange: (value: string[]) => void;
}

/** Classes are chosen of those that the project has; channels may be typed too, by their numbers. */
function Words({ field, said, offers, value, onChange }: WordsProps) {
  if (field.offers !== "classes") return <TagsInput {...said} data={field.offers ? [...offers.channels] : []} value={value} onChange={onChange} />;
  const none = offers.classes.length === 0;
  const placeholder = none ? "The project has no classes yet" : value.length === 0 ? "All that the cells carry" : undefined;
  return <MultiSelect {...said} data={[...offers.classes]} value={value} placeholder={placeholder} disabled={none} clearable searchable onChange={onChange} />;
}
