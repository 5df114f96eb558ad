/** A score with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number | null;
  high: number | null;
}

export interface Judged {
  pictures: number;
  cells: number;
  ap50: number;
  ap75: number;
  ap90: number;
}

/** What `starter.json` tells of a starter model. */
export interface StarterFacts {
  name: string;
  title: string;
  purpose: string;
  data: readonly { name: string; images: number; cells: number; source: string; licence: string; cite: string }[];
  scores: Partial<Record<string, Estimate>>;
  kinds: readonly (Judged & { kind: string })[];
  elsewhere: readonly (Judged & { name: string; what: string; caveat: string })[];
  limits: readonly string[];
  licence: string;
  cpu_minutes: number;
  parameters: number;
}

interface Described {
  starter: boolean;
  summary: Record<string, unknown>;
}

/** What is told of a starter model; null for a model that was trained here. */
export function factsOf(model: Described): StarterFacts | null {
  return model.starter ? ((model.summary.starter as StarterFacts | undefined) ?? null) : null;
}

export const pictureAddress = (model: string): string => `/api/v1/trained-models/${model}/starter-picture/`;
