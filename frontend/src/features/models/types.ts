export type Scores = Record<string, Record<string, number>>;

export interface TrainedModel {
  id: string;
  project: string;
  name: string;
  version: number;
  description: string;
  recipe: string;
  job: string;
  snapshot: { id: string; name: string; digest: string; counts: Record<string, { images: number; frames: number; cells: number; groups: number }> };
  parent: string | null;
  settings: Record<string, string | number | boolean | null | string[]>;
  seed: number;
  code_version: string;
  scores: Scores;
  summary: Record<string, unknown>;
  size_bytes: number;
  weights_digest: string;
  created_by: string | null;
  created_at: string;
}

export interface Corrections {
  predictions: number;
  accepted: number;
  proposed_cells: number;
  untouched: number;
  changed: number;
  added: number;
  removed: number;
  kept_share: number | null;
  mean_changed_iou: number | null;
  ap: Record<string, number>;
}

export interface TrainedModelDetail extends TrainedModel {
  corrections: Corrections;
}

export interface SnapshotItem {
  image_id: string;
  name: string;
  branch: string;
  revision: number;
  split: "train" | "validation" | "test";
  group: string;
}

export interface Point {
  step: number;
  values: Record<string, number>;
}
