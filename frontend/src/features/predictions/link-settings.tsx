import { Anchor, Collapse, NumberInput, Select, SimpleGrid, Stack, Switch, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { PropertySchema, Recipe, SettingValue } from "@/api/recipes";
import type { LinkSettings } from "./queries";

interface LinkFormProps {
  recipe: Recipe;
  values: LinkSettings;
  onChange: (values: LinkSettings) => void;
}

/** The linker first, with a sentence on it; its settings folded, for what they say by themselves fits most movies. */
export function LinkForm({ recipe, values, onChange }: LinkFormProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const { linker, ...others } = recipe.settings_schema.properties;
  const set = (name: string, value: SettingValue) => onChange({ ...values, [name]: value });
  return (
    <Stack gap="sm">
      {linker && <Setting name="linker" schema={linker} value={values["linker"] ?? linker.default} onChange={set} />}
      <Anchor component="button" type="button" size="sm" w="fit-content" aria-expanded={opened} onClick={toggle}>
        {opened ? "Fewer settings" : "More settings of the linker"}
      </Anchor>
      <Collapse expanded={opened}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="md">
          {Object.entries(others).map(([name, schema]) => (
            <Setting key={name} name={name} schema={schema} value={values[name] ?? schema.default} onChange={set} />
          ))}
        </SimpleGrid>
      </Collapse>
    </Stack>
  );
}

interface SettingProps {
  name: string;
  schema: PropertySchema;
  value: SettingValue;
  onChange: (name: string, value: SettingValue) => void;
}

function Setting({ name, schema, value, onChange }: SettingProps) {
  const types = [schema.type].flat();
  const said = { label: schema.title, description: schema.description };
  if (schema.enum) return <Choice {...{ name, schema, value, onChange }} />;
  if (types.includes("boolean")) return <Switch {...said} checked={value === true} onChange={(event) => onChange(name, event.currentTarget.checked)} />;
  return (
    <NumberInput
      {...said}
      value={typeof value === "number" ? value : ""}
      placeholder={types.includes("null") ? "Measured in the movie" : undefined}
      min={schema.minimum}
      max={schema.maximum}
      allowDecimal={types.includes("number")}
      onChange={(typed) => (typeof typed === "number" ? onChange(name, typed) : types.includes("null") && onChange(name, null))}
    />
  );
}

/** Words with a sentence each; that of the chosen one stays below. */
function Choice({ name, schema, value, onChange }: SettingProps) {
  const word = String(value);
  const title = (one: string) => schema.titles?.[one] ?? one;
  const note = schema.notes?.[word];
  return (
    <Select
      label={schema.title}
      description={note || schema.description}
      data={(schema.enum ?? []).map((one) => ({ value: one, label: title(one) }))}
      value={word}
      allowDeselect={false}
      onChange={(chosen) => chosen !== null && onChange(name, chosen)}
      renderOption={({ option }) => (
        <div>
          <Text size="sm">{option.label}</Text>
          <Text size="xs" c="dimmed">
            {schema.notes?.[option.value]}
          </Text>
        </div>
      )}
    />
  );
}
