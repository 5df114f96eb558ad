/** Forms made of a schema: what the recipes of trainings and linkers ask of a person. */
export type SettingValue = string | number | boolean | null | string[];

/** One setting, as the schema of a recipe describes it. */
export interface SettingSchema {
  readonly type: string | readonly string[];
  readonly title: string;
  readonly description: string;
  readonly default: SettingValue;
  readonly enum?: readonly string[];
  /** What people read in place of each word of `enum`, and a sentence on it. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly notes?: Readonly<Record<string, string>>;
  /** "channels": words that name channels of the images; "classes": of the project; "weights": a file, one of `examples`. */
  readonly format?: string;
  readonly examples?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface WithSettings {
  readonly settings_schema: { readonly properties: Readonly<Record<string, SettingSchema>> };
}

interface FieldBase {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** May be left empty: the recipe then finds the value by itself. */
  readonly optional: boolean;
  readonly default: SettingValue;
}

/** A word of the machine with what people read in its place. */
export interface Option {
  readonly value: string;
  readonly label: string;
  readonly note: string;
}

export type Field =
  | (FieldBase & { readonly kind: "choice"; readonly values: readonly Option[] })
  | (FieldBase & { readonly kind: "number"; readonly whole: boolean; readonly minimum: number | undefined; readonly maximum: number | undefined })
  | (FieldBase & { readonly kind: "flag" })
  | (FieldBase & { readonly kind: "words"; readonly offers: "channels" | "classes" | null })
  | (FieldBase & { readonly kind: "file"; readonly files: readonly string[] })
  | (FieldBase & { readonly kind: "text" });

/** A form field for each setting of a recipe, in the order of its schema. */
export function fieldsOf(recipe: WithSettings): Field[] {
  return Object.entries(recipe.settings_schema.properties).map(([name, schema]) => fieldOf(name, schema));
}

function fieldOf(name: string, schema: SettingSchema): Field {
  const types = [schema.type].flat();
  const base = { name, title: schema.title || name, description: schema.description, optional: types.includes("null"), default: schema.default };
  if (schema.enum) return { ...base, kind: "choice", values: schema.enum.map((value) => ({ value, label: schema.titles?.[value] ?? value, note: schema.notes?.[value] ?? "" })) };
  if (types.includes("boolean")) return { ...base, kind: "flag" };
  if (types.includes("array")) return { ...base, kind: "words", offers: schema.format === "channels" || schema.format === "classes" ? schema.format : null };
  if (types.includes("integer") || types.includes("number"))
    return { ...base, kind: "number", whole: !types.includes("number"), minimum: schema.minimum, maximum: schema.maximum };
  if (schema.format === "weights") return { ...base, kind: "file", files: schema.examples ?? [] };
  return { ...base, kind: "text" };
}
