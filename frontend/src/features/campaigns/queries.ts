import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { ALL } from "@/api/paging";
import type { Schema } from "@/api/types";
import type { Value } from "@/microtasks/types";

export type Campaign = Required<Schema["CampaignOut"]>;
export type CampaignState = Campaign["state"];
export type NewCampaign = Schema["CampaignInRequest"];
export type CampaignChange = Schema["PatchedCampaignChangeRequest"];
export type Wish = Schema["CrowdWishInRequest"];
export type GoldUse = "GOLD" | "TRAINING";
export type Item = Required<Schema["CrowdItemOut"]>;
export type Worker = Required<Schema["CrowdWorkerOut"]>;
export type Answer = Schema["CrowdAnswerOut"];
export type Stitching = Required<Schema["CrowdStitchingOut"]>;
export type Results = Omit<Schema["CampaignResultsOut"], "drafts" | "stitching"> & { drafts: Draft[]; stitching: Stitching | null };
export type Measure = Schema["AgreementOut"];
export type Draft = Required<Schema["CrowdDraftOut"]>;
export type Stitch = Schema["CrowdStitchInRequest"];

const WATCH_MS = 5_000;
const STITCH_MS = 1_000;
const at = (id: string) => ({ params: { path: { id } } }) as const;

export const campaignsQuery = (project: string) =>
  queryOptions({
    queryKey: ["campaigns", { project }],
    queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/campaigns/", { params: { path: { id: project }, query: ALL } }))).results as Campaign[],
  });

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ["campaigns", id],
    queryFn: () => data(api.GET("/api/v1/campaigns/{id}/", at(id))) as Promise<Campaign>,
    refetchInterval: (query) => (query.state.data?.state === "OPEN" ? WATCH_MS : false),
  });

export const resultsQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: ["campaigns", id, "results"],
    queryFn: () => data(api.GET("/api/v1/campaigns/{id}/results/", at(id))) as Promise<Results>,
    refetchInterval: (query) => (isStitching(query.state.data?.stitching) ? STITCH_MS : live ? 2 * WATCH_MS : false),
  });

export const isStitching = (stitching: Stitching | null | undefined): boolean => stitching?.state === "WAITING" || stitching?.state === "RUNNING";

export interface ItemFilter {
  use?: Item["use"];
  kind?: Item["kind"];
  order?: "ambiguity" | "certainty";
  limit: number;
  offset: number;
}

export const itemsQuery = (id: string, filter: ItemFilter) =>
  queryOptions({
    queryKey: ["campaigns", id, "items", filter],
    queryFn: async () => {
      const { count, results } = await data(api.GET("/api/v1/campaigns/{id}/items/", { params: { path: { id }, query: filter } }));
      return { count, results: results as Item[] };
    },
  });

export const workersQuery = (id: string, live: boolean) =>
  queryOptions({
    queryKey: ["campaigns", id, "workers"],
    queryFn: async () => (await data(api.GET("/api/v1/campaigns/{id}/workers/", { params: { path: { id }, query: ALL } }))).results as Worker[],
    refetchInterval: live ? 2 * WATCH_MS : false,
  });

/** Every answer to one item. */
export const itemAnswersQuery = (id: string, item: string) =>
  queryOptions({
    queryKey: ["campaigns", id, "answers", item],
    queryFn: async () => (await data(api.GET("/api/v1/campaigns/{id}/answers/", { params: { path: { id }, query: { item, ...ALL } } }))).results,
  });

export const itemPicture = (campaign: string, item: string, end = 0): string => `/api/v1/campaigns/${campaign}/items/${item}/picture/?end=${end}`;
export const answerTable = (campaign: string): string => `/api/v1/campaigns/${campaign}/answers/table/`;
export const batchTable = (campaign: string, rows: number): string => `/api/v1/campaigns/${campaign}/batch/?rows=${rows}`;

export const createCampaign = (project: string, body: NewCampaign) => data(api.POST("/api/v1/projects/{id}/campaigns/", { ...at(project), body })) as Promise<Campaign>;
export const changeCampaign = (id: string, body: CampaignChange) => data(api.PATCH("/api/v1/campaigns/{id}/", { ...at(id), body }));
export const deleteCampaign = (id: string) => api.DELETE("/api/v1/campaigns/{id}/", at(id));
export const openCampaign = (id: string) => data(api.POST("/api/v1/campaigns/{id}/open/", at(id)));
export const pauseCampaign = (id: string) => data(api.POST("/api/v1/campaigns/{id}/pause/", at(id)));
export const closeCampaign = (id: string) => data(api.POST("/api/v1/campaigns/{id}/close/", at(id)));
export const renewLink = (id: string) => data(api.POST("/api/v1/campaigns/{id}/link/", at(id)));
export const cut = (id: string, body: Wish) => data(api.POST("/api/v1/campaigns/{id}/cut/", { ...at(id), body }));
export const addGold = (id: string, use: GoldUse, wish: Wish) => data(api.POST("/api/v1/campaigns/{id}/gold/", { ...at(id), body: { use, wish } }));
export const tellTruth = (id: string, use: GoldUse, item: string, truth: Value | null) => data(api.POST("/api/v1/campaigns/{id}/gold/", { ...at(id), body: { use, truths: [{ item, truth }] } }));
export const reckon = (id: string) => data(api.POST("/api/v1/campaigns/{id}/aggregate/", at(id)));
export const stitch = (id: string, body: Stitch) => data(api.POST("/api/v1/campaigns/{id}/stitch/", { ...at(id), body })) as Promise<Stitching>;
export const checkBatch = (id: string, table: string) => data(api.POST("/api/v1/campaigns/{id}/batch/", { ...at(id), body: { table } }));

export const excludeWorker = (id: string, worker: string, is_excluded: boolean, reason: string) =>
  data(api.PATCH("/api/v1/campaigns/{id}/workers/{worker}/", { params: { path: { id, worker } }, body: { is_excluded, reason } }));
export const deleteWorker = (id: string, worker: string) => api.DELETE("/api/v1/campaigns/{id}/workers/{worker}/", { params: { path: { id, worker } } });
