import type { Schema } from "@/api/types";

export type Scores = Schema["TrainedModelOut"]["scores"];
export type Corrections = Schema["CorrectionsOut"];
export type SnapshotItem = Schema["SnapshotItemOut"];
export type Point = Schema["PointOut"];

/** Answers always carry every field; the document marks those with a default as optional and leaves JSON open. */
type Known<Model extends Schema["TrainedModelOut"]> = Omit<Required<Model>, "snapshot"> & {
  /** Null for starter models, as is `job`: they were not trained here. */
  snapshot: (Omit<NonNullable<Model["snapshot"]>, "counts"> & { counts: Partial<Record<"all" | SnapshotItem["split"], Schema["TallyOut"]>> }) | null;
};

export type TrainedModel = Known<Schema["TrainedModelOut"]>;
export type TrainedModelDetail = Known<Schema["TrainedModelDetailOut"]>;
