import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, data } from "./client";
import type { Schema } from "./types";

export type SettingValue = string | number | boolean | null | string[];

export interface PropertySchema {
  type: string | string[];
  title: string;
  description: string;
  default: SettingValue;
  enum?: string[];
  /** What people read in place of each word of `enum`, and a sentence on it. */
  titles?: Record<string, string>;
  notes?: Record<string, string>;
  /** "channels": words that name channels of the images; "classes": of the project; "weights": a file, one of `examples`. */
  format?: string;
  examples?: string[];
  /** What a search may do with it; a setting without it is never varied. */
  search?: { chosen: boolean };
  minimum?: number;
  maximum?: number;
}

export interface SettingsSchema {
  properties: Record<string, PropertySchema>;
}

export type Recipe = Omit<Schema["RecipeOut"], "settings_schema"> & { settings_schema: SettingsSchema };

export const recipesQuery = queryOptions({
  queryKey: ["recipes"],
  queryFn: async () => (await data(api.GET("/api/v1/recipes/", {}))) as unknown as Recipe[],
  staleTime: Infinity,
});

/** What people call a recipe, by its name; the name itself while the recipes are not here. */
export function useRecipeTitles(): (name: string) => string {
  const recipes = useQuery(recipesQuery).data;
  return (name) => recipes?.find((one) => one.name === name)?.title ?? name;
}

/** A setting's value as people read it: titles in place of words of the machine. */
export function formatSetting(value: SettingValue | undefined, titles: Readonly<Record<string, string>> = {}): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return value.length > 0 ? value.join(", ") : "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return titles[String(value)] ?? String(value);
}

/** A setting of a recipe and its value, both in words; a setting that the recipe no longer has keeps its name. */
export function tellSetting(recipe: Recipe | undefined, name: string, value: SettingValue | undefined): { title: string; said: string } {
  const schema = recipe?.settings_schema.properties[name];
  return { title: schema?.title || name.replaceAll("_", " "), said: formatSetting(value, schema?.titles) };
}
