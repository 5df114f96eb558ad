import { Anchor, Collapse, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Recipe } from "@/api/recipes";
import { fieldsOf } from "@/ui/setting-fields";
import { SettingsForm } from "@/ui/settings-form";
import type { LinkSettings } from "./queries";

interface LinkFormProps {
  recipe: Recipe;
  values: LinkSettings;
  onChange: (values: LinkSettings) => void;
}

/** The linker first, with a sentence on it; its settings folded, for what they say by themselves fits most movies. */
export function LinkForm({ recipe, values, onChange }: LinkFormProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const fields = fieldsOf(recipe);
  const form = { values, empty: "Measured in the movie", onChange: (name: string, value: LinkSettings[string]) => onChange({ ...values, [name]: value }) };
  return (
    <Stack gap="sm">
      <SettingsForm fields={fields.filter(({ name }) => name === "linker")} {...form} />
      <Anchor component="button" type="button" size="sm" w="fit-content" aria-expanded={opened} onClick={toggle}>
        {opened ? "Fewer settings" : "More settings of the linker"}
      </Anchor>
      <Collapse expanded={opened}>
        <SettingsForm fields={fields.filter(({ name }) => name !== "linker")} {...form} />
      </Collapse>
    </Stack>
  );
}
