import type { SettingValue } from "@/api/recipes";
import type { Schema } from "@/api/types";

export type Split = Schema["SplitEnum"];
export type Include = Schema["IncludeEnum"];
export type { PropertySchema, Recipe, SettingValue } from "@/api/recipes";
export type Scores = Record<string, Record<string, number>>;

/** Answers always carry every field; the document marks those with a default as optional and leaves JSON open. */
export type Job = Omit<Required<Schema["JobOut"]>, "settings" | "scores"> & { settings: Record<string, SettingValue>; scores: Scores };
export type JobState = Job["state"];
export type JobKind = Job["kind"];

export type Point = Required<Schema["PointOut"]>;
export type Picture = Required<Schema["PictureOut"]>;

export type Fractions = Required<Schema["SplitFractions"]>;
export type SnapshotRule = Required<Schema["SnapshotRuleInRequest"]>;
export type Tally = Schema["TallyOut"];
export type PlannedItem = Schema["PlannedOut"];
export type SnapshotPreview = Schema["SnapshotPreviewOut"];
export type TrainedModel = Schema["TrainedModelOut"];
