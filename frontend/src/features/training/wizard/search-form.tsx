import { Anchor, Button, Checkbox, Collapse, NumberInput, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsSearch } from "@tabler/icons-react";
import { useState } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import type { Recipe } from "../types";

export interface SearchWish {
  minutes: number;
  vary: string[];
}

interface SearchFormProps {
  recipe: Recipe;
  minutes: number;
  disabled: boolean;
  busy: boolean;
  error: unknown;
  onStart: (wish: SearchWish) => void;
}

const TRIALS = 6;

/** Which settings a search may vary, sensible ones chosen beforehand, and for how long. */
export function SearchForm({ recipe, minutes: ofTraining, disabled, busy, error, onStart }: SearchFormProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const known = Object.entries(recipe.settings_schema.properties).filter(([, schema]) => schema.search);
  const [vary, setVary] = useState<string[] | null>(null);
  const [minutes, setMinutes] = useState(() => ofTraining * TRIALS);
  const chosen = vary?.filter((name) => known.some(([one]) => one === name)) ?? known.filter(([, schema]) => schema.search?.chosen).map(([name]) => name);
  if (known.length === 0) return null;
  return (
    <div>
      <Anchor component="button" type="button" size="sm" aria-expanded={opened} onClick={toggle}>
        Search settings instead
      </Anchor>
      <Collapse expanded={opened} mt="sm">
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            Many trainings with different settings, the default first. Those that fall behind are ended early, and the best becomes the model.
          </Text>
          <Checkbox.Group label="What may vary" value={chosen} onChange={setVary}>
            <Stack gap={4} mt={4}>
              {known.map(([name, schema]) => (
                <Checkbox key={name} size="xs" value={name} label={schema.title} />
              ))}
            </Stack>
          </Checkbox.Group>
          <NumberInput size="xs" label="Minutes in all" description={`A sixth of them, ${Math.round((minutes / TRIALS) * 10) / 10} minutes, for one trial.`} min={0.5} value={minutes} onChange={(value) => setMinutes(typeof value === "number" ? value : ofTraining * TRIALS)} />
          <ErrorNotice error={error} />
          <Button variant="default" leftSection={<IconAdjustmentsSearch size={18} />} disabled={disabled || chosen.length === 0} loading={busy} onClick={() => onStart({ minutes, vary: chosen })}>
            Start the search
          </Button>
        </Stack>
      </Collapse>
    </div>
  );
}
