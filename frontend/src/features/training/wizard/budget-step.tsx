import { NumberInput, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "../queries";
import type { Plan } from "./plan";

interface BudgetStepProps {
  projectId: string;
  plan: Plan;
  suggestion: string;
  onChange: (change: Partial<Plan>) => void;
}

export function BudgetStep({ projectId, plan, suggestion, onChange }: BudgetStepProps) {
  const models = (useQuery(modelsQuery(projectId)).data ?? []).filter((model) => model.recipe === plan.recipe);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <NumberInput
        label="Minutes"
        description="It stops then, with the best it has found. Empty: until it no longer improves."
        min={0.1}
        max={100_000}
        value={plan.minutes ?? ""}
        onChange={(value) => onChange({ minutes: typeof value === "number" ? value : null })}
      />
      <TextInput label="Name of the model" description="A second model of the same name becomes its next version." placeholder={suggestion} value={plan.name} onChange={(event) => onChange({ name: event.currentTarget.value })} />
      <Select
        label="Continue from"
        description="Begin with what an earlier model knows, for few or similar images."
        placeholder="Nothing: begin anew"
        clearable
        data={models.map(({ id, name, version }) => ({ value: id, label: `${name} v${version}` }))}
        value={plan.initFrom}
        onChange={(initFrom) => onChange({ initFrom })}
      />
      <NumberInput label="Seed" description="The same seed on the same snapshot gives the same start." min={0} value={plan.seed} onChange={(value) => onChange({ seed: Number(value) || 0 })} />
    </SimpleGrid>
  );
}
