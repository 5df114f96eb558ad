import { Button, Group, Radio, Stack, Switch } from "@mantine/core";
import type { Habits } from "@/editor";
import { useTaste } from "../bench/bench-context";
import { habitsOfTaste } from "../bench/use-keys-follow";

type ChoiceKey = "right" | "ctrlClick" | "altClick" | "altDrag" | "wheel";

const CHOICES: { [K in ChoiceKey]: { title: string; choices: Record<Habits[K], string> } } = {
  right: { title: "Right button", choices: { "other-pen": "The other pen; menu with other tools", draw: "Draws a new cell", menu: "Menu" } },
  ctrlClick: { title: "Ctrl+click", choices: { tool: "As the tool has it", delete: "Deletes the cell" } },
  altClick: { title: "Alt+click", choices: { tool: "As the tool has it", merge: "Merges with the selected cell" } },
  altDrag: { title: "Alt+drag with brush or eraser", choices: { resize: "Changes the size", erase: "Erases; paints with the eraser" } },
  wheel: { title: "Wheel", choices: { zoom: "Zooms", planes: "Steps planes; Ctrl+wheel zooms" } },
};

/** What the hand does besides choosing tools; a preset brings its own, and each can be changed. */
export function HabitsForm() {
  const [taste, setTaste] = useTaste();
  const habits = habitsOfTaste(taste);
  const set = (change: Partial<Habits>) => setTaste({ habits: { ...taste.habits, ...change } });
  return (
    <Stack gap="md">
      {(Object.keys(CHOICES) as ChoiceKey[]).map((key) => (
        <Radio.Group key={key} label={CHOICES[key].title} value={habits[key]} onChange={(value) => set({ [key]: value })}>
          <Group gap="lg" mt={4}>
            {Object.entries(CHOICES[key].choices).map(([value, label]) => (
              <Radio key={value} size="xs" value={value} label={label} />
            ))}
          </Group>
        </Radio.Group>
      ))}
      <Switch
        label="Draw with a finger"
        description="Off: one finger chooses and pans, pen and mouse draw. Two fingers always pan and zoom; once a pen was used, fingers only pan."
        checked={habits.fingerDraws}
        onChange={(event) => set({ fingerDraws: event.currentTarget.checked })}
      />
      <Switch
        label="Pen pressure sets the width"
        description="From a quarter of the diameter at the lightest touch to all of it. The pen's barrel button and its other end erase."
        checked={habits.penPressure}
        onChange={(event) => set({ penPressure: event.currentTarget.checked })}
      />
      {Object.keys(taste.habits).length > 0 && (
        <Group>
          <Button size="compact-sm" variant="default" onClick={() => setTaste({ habits: {} })}>
            As the preset has it
          </Button>
        </Group>
      )}
    </Stack>
  );
}
