import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import { factsOf, type StarterFacts } from "./types";

export interface Starter {
  id: string;
  name: string;
  version: number;
  recipe: string;
  facts: StarterFacts;
}

/** The newest version of each starter model of a project. */
export const startersQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project, starters: true }],
    queryFn: async () => {
      const found = (await data(api.GET("/api/v1/trained-models/", { params: { query: { project, starter: true } } }))).results;
      const newest = new Map<string, Starter>();
      for (const { id, name, version, recipe, ...model } of found) {
        const facts = factsOf(model);
        if (facts && version > (newest.get(name)?.version ?? 0)) newest.set(name, { id, name, version, recipe, facts });
      }
      return [...newest.values()].sort((a, b) => b.name.localeCompare(a.name));
    },
  });

export type UploadProposal = Required<Schema["UploadProposalOut"]>;

/** What came of the newest uploads of a dataset by itself, the newest first. */
export const uploadProposalsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["upload-proposals", { dataset }],
    queryFn: async () => (await data(api.GET("/api/v1/upload-proposals/", { params: { query: { dataset, limit: 20 } } }))).results as UploadProposal[],
  });

/** What came of one upload; undefined while nobody has looked at it. */
export const uploadProposalQuery = (upload: string) =>
  queryOptions({
    queryKey: ["upload-proposals", { upload }],
    queryFn: async () => ((await data(api.GET("/api/v1/upload-proposals/", { params: { query: { upload } } }))).results[0] as UploadProposal | undefined) ?? null,
  });

export const propose = (project: string, dataset: string, starter: Starter) =>
  data(
    api.POST("/api/v1/jobs/", {
      body: { project, kind: "PREDICT", recipe: starter.recipe, trained_model: starter.id, dataset, image_ids: [], make_tasks: true, seed: 0, name: `${starter.facts.title} proposed by the starter model` },
    }),
  );
