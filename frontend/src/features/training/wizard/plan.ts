import type { Fractions, Include, Recipe, SettingValue, SnapshotPreview, SnapshotRule, TrainedModel } from "../types";

/** Everything a person decides before a training starts; the form holds it and nothing else does. */
export interface Plan {
  readonly datasets: readonly string[];
  readonly images: readonly string[];
  readonly include: Include;
  readonly fractions: Fractions;
  readonly splitSeed: number;
  readonly recipe: string;
  /** Only what differs from the recipe's defaults. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  readonly minutes: number | null;
  readonly name: string;
  readonly initFrom: string | null;
  readonly seed: number;
  /** Parts that are left out one by one, or null for one training on one split. */
  readonly folds: number | null;
}

export const EMPTY_PLAN: Plan = {
  datasets: [],
  images: [],
  include: "ACCEPTED",
  fractions: { train: 0.8, validation: 0.1, test: 0.1 },
  splitSeed: 0,
  recipe: "",
  settings: {},
  minutes: 15,
  name: "",
  initFrom: null,
  seed: 0,
  folds: null,
};

/** A recipe that needs no labels learns from all images, labelled or not. */
export function ruleOf(plan: Plan, project: string, recipe?: Pick<Recipe, "needs_labels">): SnapshotRule {
  return {
    project,
    dataset_ids: [...plan.datasets],
    image_ids: [...plan.images],
    include: recipe?.needs_labels === false ? "IMAGES" : plan.include,
    fractions: plan.fractions,
    seed: plan.splitSeed,
  };
}

/** Two cuts through a whole of 100 make three parts. */
export function fractionsOf([first, second]: readonly [number, number]): Fractions {
  return { train: first / 100, validation: round(second - first) / 100, test: round(100 - second) / 100 };
}

export function cutsOf({ train, validation }: Fractions): [number, number] {
  return [round(train * 100), round((train + validation) * 100)];
}

const round = (value: number) => Math.round(value * 100) / 100;

/** Why the training cannot start yet, each as a sentence; empty when it can. */
export function missing(plan: Plan, preview: SnapshotPreview | undefined): string[] {
  if (plan.datasets.length + plan.images.length === 0) return ["Choose at least one dataset."];
  const said: string[] = [];
  if (preview && preview.counts.train.images === 0) said.push(nothingToLearnFrom(plan, preview));
  else if (preview && preview.counts.validation.images === 0 && plan.folds === null)
    said.push("Leave some images for validation: without them nobody can say when the model is good.");
  if (plan.recipe === "") said.push("Choose a recipe.");
  if (plan.recipe === "translate" && [plan.settings.targets ?? []].flat().length === 0) said.push("Choose at least one channel to predict.");
  if (plan.minutes !== null && plan.minutes <= 0) said.push("Give it at least a minute.");
  if (plan.name.trim() === "") said.push("Give the model a name.");
  return said;
}

function nothingToLearnFrom(plan: Plan, preview: SnapshotPreview): string {
  if (preview.counts.all.images > 0) return "Give training a larger part of the images.";
  return plan.include === "ACCEPTED"
    ? "No labels are accepted yet. Review some, or include labels that nobody has accepted."
    : "None of these images has labels yet.";
}

/** "nuclei" → "nuclei-1", then the first number that is free. */
export function suggestName(base: string, models: readonly Pick<TrainedModel, "name">[]): string {
  const stem = base.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "") || "model";
  const taken = new Set(models.map((model) => model.name));
  for (let number = 1; ; number += 1) if (!taken.has(`${stem}-${number}`)) return `${stem}-${number}`;
}

/** What is left out, reasons counted, the commonest first: "12 images: no accepted labels". */
export function reasonsLeftOut(left: SnapshotPreview["left_out"]): { reason: string; names: string[] }[] {
  const byReason = new Map<string, string[]>();
  for (const { reason, name } of left) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  return [...byReason].map(([reason, names]) => ({ reason, names })).sort((a, b) => b.names.length - a.names.length);
}

/** Settings of the chosen recipe only: a value that another recipe had does not travel along. */
export function settingsFor(recipe: Recipe | undefined, settings: Plan["settings"]): Record<string, SettingValue> {
  const known = recipe?.settings_schema.properties ?? {};
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name in known));
}

/** Sets one value; one that equals the default is not kept, so that later defaults may improve. */
export function withSetting(plan: Plan, recipe: Recipe, name: string, value: SettingValue): Plan {
  const isDefault = JSON.stringify(recipe.settings_schema.properties[name]?.default) === JSON.stringify(value);
  const rest = Object.fromEntries(Object.entries(plan.settings).filter(([other]) => other !== name));
  return { ...plan, settings: isDefault ? rest : { ...rest, [name]: value } };
}
