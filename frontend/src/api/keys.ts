/**
 * First words of the query keys, and which of them a live event makes stale.
 * A key is `[word, …]`: `["images", { dataset }]` for a list, `["images", id]` for one, `["branches", id, "cells"]` below it.
 */
export const STALE_AFTER = {
  "image.ready": ["images", "datasets", "projects", "uploads"],
  "upload.changed": ["uploads"],
  "schema.changed": ["schema", "classes"],
  "revision.created": ["images", "branches", "datasets", "projects"],
  "presence.moved": [],
  "task.changed": ["tasks", "images", "projects", "datasets", "ratings"],
  "comment.changed": ["comments"],
  "notification.created": ["notifications"],
  "delivery.changed": ["deliveries"],
  "upload.proposed": ["upload-proposals"],
  "job.changed": ["jobs", "projects", "predictions", "images", "upload-proposals"],
  "job.progress": ["job-progress"],
  "trained_model.created": ["trained-models", "projects"],
  "evaluation.changed": ["evaluations", "gate"],
  "comparison.changed": ["comparisons"],
  "promotion.created": ["promotions", "gate"],
  "export.changed": ["exports"],
  "release.created": ["releases"],
  "campaign.changed": ["campaigns"],
} as const satisfies Record<string, readonly string[]>;

export type EventName = keyof typeof STALE_AFTER;
export type KeyWord = (typeof STALE_AFTER)[EventName][number];

export const EVENT_NAMES = Object.keys(STALE_AFTER) as EventName[];
export const LIVE_WORDS: readonly KeyWord[] = [...new Set(Object.values(STALE_AFTER).flat())];
