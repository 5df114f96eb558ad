export type JobState = "QUEUED" | "RUNNING" | "CANCELLING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
export type JobKind = "TRAIN" | "PREDICT" | "PREVIEW" | "EVALUATE";
export type Split = "train" | "validation" | "test";
export type Include = "ACCEPTED" | "HEAD";
export type Scalar = string | number | boolean | null;
export type SettingValue = Scalar | string[];

export interface Job {
  id: string;
  project: string;
  kind: JobKind;
  recipe: string;
  name: string;
  snapshot: string | null;
  trained_model: string | null;
  init_from: string | null;
  settings: Record<string, SettingValue>;
  seed: number;
  minutes: number | null;
  state: JobState;
  attempt: number;
  fraction: number;
  eta_s: number | null;
  message: string;
  error: string;
  detail: string;
  scores: Record<string, Record<string, number>>;
  peak_memory_bytes: number | null;
  retry_of: string | null;
  result: string | null;
  created_by: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface Point {
  step: number;
  epoch: number;
  elapsed_s: number;
  values: Record<string, number>;
}

export interface JobNews {
  state: JobState;
  fraction: number;
  eta_s: number | null;
  message: string;
  points: Point[];
  next: number;
}

export interface Picture {
  name: string;
  caption: string;
  step: number;
}

export interface Recipe {
  name: string;
  title: string;
  description: string;
  settings_schema: SettingsSchema;
}

export interface SettingsSchema {
  properties: Record<string, PropertySchema>;
}

export interface PropertySchema {
  type: string | string[];
  title: string;
  description: string;
  default: SettingValue;
  enum?: string[];
  minimum?: number;
  maximum?: number;
}

export interface Fractions {
  train: number;
  validation: number;
  test: number;
}

export interface SnapshotRule {
  project: string;
  dataset_ids: string[];
  image_ids: string[];
  include: Include;
  fractions: Fractions;
  seed: number;
}

export interface Tally {
  images: number;
  frames: number;
  cells: number;
  groups: number;
}

export interface PlannedItem {
  image_id: string;
  name: string;
  revision: number;
  split: Split;
  group: string;
  cells: number;
}

export interface SnapshotPreview {
  counts: Record<Split | "all", Tally>;
  items: PlannedItem[];
  left_out: { image_id: string; name: string; reason: string }[];
  notice: string;
}

export interface Snapshot {
  id: string;
  name: string;
  digest: string;
  include: Include;
  seed: number;
  fractions: Fractions;
  counts: SnapshotPreview["counts"];
}

export interface Dataset {
  id: string;
  name: string;
  image_count: number;
  labelled_count: number;
  accepted_count: number;
}

export interface TrainedModel {
  id: string;
  name: string;
  version: number;
  recipe: string;
}
