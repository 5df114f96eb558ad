import { Button, Paper, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState, type ReactNode } from "react";
import { datasetsQuery } from "@/api/datasets";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { useParam, useQueryValue } from "@/ui/use-address";
import { modelsQuery, previewQuery, recipesQuery } from "./queries";
import type { SnapshotRule } from "./types";
import { BudgetStep } from "./wizard/budget-step";
import { FoldsChoice } from "./wizard/folds-choice";
import { ImagesStep } from "./wizard/images-step";
import { EMPTY_PLAN, missing, ruleOf, suggestName, type Plan } from "./wizard/plan";
import { RecipeStep } from "./wizard/recipe-step";
import { SamplesStep } from "./wizard/samples-step";
import { SearchForm } from "./wizard/search-form";
import { SplitStep } from "./wizard/split-step";
import { useTrainingStart } from "./wizard/use-training-start";
import classes from "./wizard/wizard.module.css";

/** One page from images to a started training; everything has a sensible value before anything is touched. */
export function NewTrainingPage() {
  const projectId = useParam("projectId");
  const [plan, change, suggestion] = usePlan(projectId);
  const recipe = useQuery(recipesQuery).data?.find((one) => one.name === plan.recipe);
  const rule = ruleOf(plan, projectId, recipe);
  const [settledRule] = useDebouncedValue(JSON.stringify(rule), 250);
  const preview = useQuery(previewQuery(useMemo(() => JSON.parse(settledRule) as SnapshotRule, [settledRule])));
  const { train, search, preview: samples } = useTrainingStart(projectId);
  const wanting = missing({ ...plan, name: plan.name || suggestion }, preview.data);
  const order = recipe && { plan: { ...plan, name: plan.name || suggestion }, rule, recipe };
  return (
    <>
      <PageHeader title="New training" subtitle="Choose what to learn from and start. The choice is frozen as a snapshot, so that the score can be trusted and the run repeated." />
      <div className={classes.wizard}>
        <div>
          <Step number={1} title="Images">
            <ImagesStep projectId={projectId} plan={plan} needsLabels={recipe?.needs_labels !== false} preview={preview.data} error={preview.error} onChange={change} />
          </Step>
          <Step number={2} title="Split">
            <SplitStep plan={plan} preview={preview.data} onChange={change} />
            <FoldsChoice plan={plan} preview={preview.data} onChange={change} />
          </Step>
          <Step number={3} title="Recipe">
            <RecipeStep projectId={projectId} plan={plan} onChange={change} />
          </Step>
          <Step number={4} title="Time and name">
            <BudgetStep projectId={projectId} plan={plan} suggestion={suggestion} onChange={change} />
          </Step>
          <Step number={5} title="Samples">
            <SamplesStep job={samples.data?.id} starting={samples.isPending} allowed={order !== undefined && (preview.data?.counts.train.images ?? 0) > 0} error={samples.error} onAsk={() => order && samples.mutate(order)} />
          </Step>
        </div>
        <Paper withBorder p="lg" className={classes.side} component="aside" aria-label="Summary">
          <Stack gap="sm">
            <Title order={2} size="h5">
              {plan.name || suggestion}
            </Title>
            <Text size="sm" c="dimmed" className="num">
              {preview.data ? `Learns from ${plural(preview.data.counts.train.images, "image")}${recipe?.needs_labels === false ? "" : ` with ${plural(preview.data.counts.train.cells, "cell")}`}` : "No images chosen yet"}
              {recipe && `, ${recipe.title.toLowerCase()}`}
              {plan.minutes === null ? ", until it no longer improves" : `, ${plural(plan.minutes, "minute")}`}.
            </Text>
            {wanting.map((sentence) => (
              <Text key={sentence} size="sm" c="var(--cyto-wait)">
                {sentence}
              </Text>
            ))}
            <ErrorNotice error={train.error} />
            <Button size="md" leftSection={<IconPlayerPlay size={18} />} disabled={wanting.length > 0 || !order} loading={train.isPending} onClick={() => order && train.mutate(order)}>
              Start training
            </Button>
            {order && plan.folds === null && <SearchForm key={plan.recipe} recipe={order.recipe} minutes={plan.minutes ?? 15} seed={plan.seed} disabled={wanting.length > 0} busy={search.isPending} error={search.error} onStart={(wish) => search.mutate({ ...order, wish })} />}
          </Stack>
        </Paper>
      </div>
    </>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <section className={classes.step} aria-labelledby={`step-${number}`}>
      <Title order={2} size="h5" id={`step-${number}`} mb="sm">
        <span className={classes.number} aria-hidden>
          {number}
        </span>
        {title}
      </Title>
      {children}
    </section>
  );
}

/** The half-filled form, begun from the address; what was not touched follows what the project has. */
function usePlan(projectId: string): [Plan, (change: Partial<Plan>) => void, string] {
  const [images] = useQueryValue("images");
  const [dataset] = useQueryValue("dataset");
  const [from] = useQueryValue("model");
  const [recipe] = useQueryValue("recipe");
  const [settings] = useQueryValue("settings");
  const [touched, setTouched] = useState<Partial<Plan>>(() => ({
    ...(images && { images: images.split(",") }),
    ...(dataset && { datasets: [dataset] }),
    ...(from && { initFrom: from }),
    ...(recipe && { recipe }),
    ...(settings && { settings: settingsIn(settings) }),
  }));
  const datasets = useQuery(datasetsQuery(projectId)).data ?? [];
  const recipes = useQuery(recipesQuery).data ?? [];
  const models = useQuery(modelsQuery(projectId)).data ?? [];
  const largest = [...datasets].filter((one) => one.accepted_count > 0).sort((a, b) => b.accepted_count - a.accepted_count)[0];
  const plan: Plan = {
    ...EMPTY_PLAN,
    recipe: recipes[0]?.name ?? "",
    datasets: largest && !touched.images?.length ? [largest.id] : [],
    ...touched,
  };
  const first = datasets.find((one) => plan.datasets.includes(one.id));
  return [plan, (change) => setTouched((now) => ({ ...now, ...change })), suggestName(first?.name ?? "model", models)];
}

/** Settings that stand in the address; nonsense there is nobody's mistake worth a message. */
function settingsIn(text: unknown): Plan["settings"] {
  if (typeof text !== "string") return (text ?? {}) as Plan["settings"];
  try {
    return JSON.parse(text) as Plan["settings"];
  } catch {
    return {};
  }
}
