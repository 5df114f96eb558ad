import { formatSetting, tellSetting, type Recipe } from "@/api/recipes";
import { fieldsOf } from "@/ui/setting-fields";
import type { Job, SettingValue } from "../types";

type Told = Pick<Job, "kind" | "recipe" | "trained_model" | "settings">;

/** The settings of a job in words, one each. A job that learns has all of its recipe's; one that uses a trained model only what was chosen anew for it. */
export function tellSettings(job: Told, recipes: readonly Recipe[]): string[] {
  const recipe = recipes.find((one) => one.name === job.recipe);
  if (job.trained_model) return Object.entries(job.settings).flatMap(([name, value]) => tellChosen(name, value, recipe, recipes));
  return recipe ? fieldsOf(recipe).flatMap(({ name, ...field }) => tellOne(recipe, name, job.settings[name] ?? field.default)) : [];
}

function tellChosen(name: string, value: SettingValue, recipe: Recipe | undefined, recipes: readonly Recipe[]): string[] {
  switch (name) {
    case "flips":
      return [`Reading: ${value ? "careful" : "fast"}`];
    case "channels":
      return [`Channels: ${formatSetting(value)}`];
    case "cell_px":
      return [`Size of the cells: ${value === "learned" ? "as learned" : `${formatSetting(value)} px across`}`];
    case "split":
      return [`Images: the ${formatSetting(value)} split`];
    case "link":
      return tellLinks(value, recipes);
    default:
      return recipe ? tellOne(recipe, name, value) : [];
  }
}

/** Of the linker that a prediction brings along: what it is, and what differs from how it comes. */
function tellLinks(value: unknown, recipes: readonly Recipe[]): string[] {
  const recipe = recipes.find((one) => one.name === "link");
  if (!recipe || value === null || typeof value !== "object") return [];
  const chosen = new Map(Object.entries(value as Record<string, SettingValue>));
  return fieldsOf(recipe)
    .filter(({ name, ...field }) => chosen.has(name) && (name === "linker" || chosen.get(name) !== field.default))
    .flatMap(({ name }) => tellOne(recipe, name, chosen.get(name) ?? null));
}

function tellOne(recipe: Recipe, name: string, value: SettingValue): string[] {
  if (value === null) return [];
  const { title, said } = tellSetting(recipe, name, value);
  return [`${title}: ${said}`];
}
