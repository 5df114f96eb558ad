import type { Schema } from "@/api/types";

export type Split = Schema["SplitEnum"];
export type Include = Schema["IncludeEnum"];
export type SettingValue = string | number | boolean | null | string[];
export type Scores = Record<string, Record<string, number>>;

/** Answers always carry every field; the document marks those with a default as optional and leaves JSON open. */
export type Job = Omit<Required<Schema["JobOut"]>, "settings" | "scores"> & { settings: Record<string, SettingValue>; scores: Scores };
export type JobState = Job["state"];
export type JobKind = Job["kind"];

export type Point = Required<Schema["PointOut"]>;
export type Picture = Required<Schema["PictureOut"]>;

export type Recipe = Omit<Schema["RecipeOut"], "settings_schema"> & { settings_schema: SettingsSchema };

export interface SettingsSchema {
  properties: Record<string, PropertySchema>;
}

export interface PropertySchema {
  type: string | string[];
  title: string;
  description: string;
  default: SettingValue;
  enum?: string[];
  /** "channels": words that name channels of the images; "classes": of the project; "weights": a file, one of `examples`. */
  format?: string;
  examples?: string[];
  /** What a search may do with it; a setting without it is never varied. */
  search?: { chosen: boolean };
  minimum?: number;
  maximum?: number;
}

export type Fractions = Required<Schema["SplitFractions"]>;
export type SnapshotRule = Required<Schema["SnapshotRuleInRequest"]>;
export type Tally = Schema["TallyOut"];
export type PlannedItem = Schema["PlannedOut"];
export type SnapshotPreview = Schema["SnapshotPreviewOut"];
export type TrainedModel = Schema["TrainedModelOut"];
