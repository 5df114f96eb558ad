import { Anchor, Button, Checkbox, Collapse, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsSearch } from "@tabler/icons-react";
import { useState } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import type { Recipe } from "../types";

export interface SearchWish {
  minutes: number;
  /** For one trial; null: a sixth of all. */
  trial_minutes: number | null;
  /** Whether the minutes are of processor time, which a busy machine does not eat. */
  counts_cpu: boolean;
  seed: number;
  vary: string[];
}

interface SearchFormProps {
  recipe: Recipe;
  minutes: number;
  seed: number;
  disabled: boolean;
  busy: boolean;
  error: unknown;
  onStart: (wish: SearchWish) => void;
}

const TRIALS = 6;

/** Which settings a search may vary, sensible ones chosen beforehand, and for how long. */
export function SearchForm({ recipe, minutes: ofTraining, seed: ofPlan, disabled, busy, error, onStart }: SearchFormProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const known = Object.entries(recipe.settings_schema.properties).filter(([, schema]) => schema.search);
  const [vary, setVary] = useState<string[] | null>(null);
  const [minutes, setMinutes] = useState(() => ofTraining * TRIALS);
  const [trialMinutes, setTrialMinutes] = useState<number | null>(null);
  const [countsCpu, setCountsCpu] = useState(false);
  const [seed, setSeed] = useState<number | null>(null);
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
                <Checkbox key={name} size="xs" value={name} label={schema.title} description={schema.description} />
              ))}
            </Stack>
          </Checkbox.Group>
          <NumberInput size="xs" label="Minutes in all" min={0.5} value={minutes} onChange={(value) => setMinutes(typeof value === "number" ? value : ofTraining * TRIALS)} />
          <NumberInput size="xs" label="Minutes for one trial" description={`Empty: a sixth of them all, ${Math.round((minutes / TRIALS) * 10) / 10} minutes.`} min={0.1} max={minutes} value={trialMinutes ?? ""} onChange={(value) => setTrialMinutes(typeof value === "number" ? value : null)} />
          <Switch size="xs" label="Minutes of processor time" description="Fair where other work runs on the machine: a trial that waits loses nothing." checked={countsCpu} onChange={(event) => setCountsCpu(event.currentTarget.checked)} />
          <NumberInput size="xs" label="Seed" description="The same seed on the same images tries the same settings." min={0} allowDecimal={false} value={seed ?? ofPlan} onChange={(value) => setSeed(typeof value === "number" ? value : null)} />
          <ErrorNotice error={error} />
          <Button variant="default" leftSection={<IconAdjustmentsSearch size={18} />} disabled={disabled || chosen.length === 0} loading={busy} onClick={() => onStart({ minutes, trial_minutes: trialMinutes, counts_cpu: countsCpu, seed: seed ?? ofPlan, vary: chosen })}>
            Start the search
          </Button>
        </Stack>
      </Collapse>
    </div>
  );
}
