import { Anchor, Collapse, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Recipe } from "@/api/recipes";
import { fieldsOf, type Field } from "@/ui/setting-fields";
import { SettingsForm } from "@/ui/settings-form";
import { LEARNED, type LinkSettings, type Model } from "./queries";

interface LinkFormProps {
  recipes: readonly Recipe[];
  /** Linkers that were trained in this project, and which of them is chosen, if one is. */
  trained: readonly Model[];
  chosen: Model | undefined;
  values: LinkSettings;
  /** Settings of the linker; with `linker` the id of the trained one that weighs the links. */
  onChange: (values: LinkSettings, linker: string | null) => void;
}

/** The linker first, be it measured or trained, with a sentence on it; its settings folded, for what they say by themselves fits most movies. */
export function LinkForm({ recipes, trained, chosen, values, onChange }: LinkFormProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const measured = recipes.find((one) => one.name === "link");
  if (!measured) return null;
  const fields = fieldsOf(measured);
  const linkers = fields.filter(({ name }) => name === "linker").map((field) => withTrained(field, trained));
  const others = chosen ? decidingFields(recipes, fields, chosen) : fields.filter(({ name }) => name !== "linker");
  const choose = (word: LinkSettings[string]) => {
    const one = trained.find(({ id }) => id === word);
    // The settings of the one kind mean nothing to the other.
    if (one) onChange({}, one.id);
    else onChange(chosen ? { linker: word } : { ...values, linker: word }, null);
  };
  return (
    <Stack gap="sm">
      <SettingsForm columns={1} fields={linkers} values={chosen ? { linker: chosen.id } : values} onChange={(_, word) => choose(word)} />
      <Anchor component="button" type="button" size="sm" w="fit-content" aria-expanded={opened} onClick={toggle}>
        {opened ? "Fewer settings" : "More settings of the linker"}
      </Anchor>
      <Collapse expanded={opened}>
        <SettingsForm fields={others} values={values} empty="Measured in the movie" onChange={(name, value) => onChange({ ...values, [name]: value }, chosen?.id ?? null)} />
      </Collapse>
    </Stack>
  );
}

/** The linkers that measure, then those that were trained here. */
export function withTrained(field: Field, trained: readonly Model[]): Field {
  if (field.kind !== "choice") return field;
  const note = "Trained in this project on accepted tracks: it weighs links by place, looks and neighbours.";
  return { ...field, values: [...field.values, ...trained.map(({ id, name, version }) => ({ value: id, label: `${name} v${version}`, note }))] };
}

/** What a trained linker can be told anew, as it was trained unless it is said. */
export function decidingFields(recipes: readonly Recipe[], measured: readonly Field[], model: Model): Field[] {
  const recipe = recipes.find((one) => one.name === LEARNED);
  const names = new Set(measured.map(({ name }) => name));
  const known = recipe ? fieldsOf(recipe).filter(({ name }) => names.has(name)) : [];
  return known.map((field) => {
    const title = field.name === "linker" ? "Who decides" : field.title;
    const trainedWith = model.settings[field.name];
    return { ...field, title, default: trainedWith === undefined ? field.default : (trainedWith as LinkSettings[string]) };
  });
}
