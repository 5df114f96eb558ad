import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { send } from "@/api/http";
import type { Schema } from "@/api/types";
import { unpack } from "./columns";
import { unpackReview } from "./grid-order";

export type Atlas = Schema["AtlasOut"];
export type Labelling = Schema["LabellingOut"];

const MOST_ROWS = 1_000;
const at = (atlas: string, rest: string) => `/api/v1/atlases/${atlas}/${rest}`;
const get = async (address: string) => send(new Request(new URL(address, location.origin)));

export const atlasesQuery = (project: string, filter: { dataset?: string; trained_model?: string }) =>
  queryOptions({
    queryKey: ["atlases", { project, ...filter }],
    queryFn: async () => (await data(api.GET("/api/v1/atlases/", { params: { query: { project, ...filter, limit: MOST_ROWS } } }))).results,
  });

export const atlasQuery = (id: string) => queryOptions({ queryKey: ["atlases", id], queryFn: () => data(api.GET("/api/v1/atlases/{id}/", { params: { path: { id } } })) });

/** Maps that are being made. */
export const makingQuery = (project: string) =>
  queryOptions({
    queryKey: ["jobs", { project, maps: true }],
    queryFn: async () => {
      const found = await data(api.GET("/api/v1/jobs/", { params: { query: { project, kind: "PREDICT", state: "QUEUED,RUNNING,FAILED", limit: MOST_ROWS } } }));
      return found.results.filter((job) => job.recipe === "embed");
    },
  });

/** Models that look at single cells. */
export const lookingModelsQuery = (project: string) =>
  queryOptions({
    queryKey: ["trained-models", { project, looking: true }],
    queryFn: async () => {
      const found = await data(api.GET("/api/v1/trained-models/", { params: { query: { project, limit: MOST_ROWS } } }));
      return found.results.filter((model) => ["embed", "classify"].includes(model.recipe) && !model.summary["whole_images"]);
    },
  });

export const pointsQuery = (atlas: string) =>
  queryOptions({
    queryKey: ["atlas-points", atlas],
    queryFn: async () => unpack(await (await get(at(atlas, "points/"))).arrayBuffer()),
    staleTime: Infinity,
    gcTime: 60_000,
    structuralSharing: false,
  });

/** Which class each cell has at present: ids of classes, and a byte for each cell, its place in them from 1. */
export const cellClassesQuery = (atlas: string) =>
  queryOptions({
    queryKey: ["atlas-classes", atlas],
    queryFn: async () => {
      const answer = await get(at(atlas, "classes/"));
      const known = (answer.headers.get("X-Classes") ?? "").split(",").filter(Boolean);
      return { known, told: new Uint8Array(await answer.arrayBuffer()) };
    },
    structuralSharing: false,
  });

export const neighboursQuery = (atlas: string, number: number | null) =>
  queryOptions({
    queryKey: ["atlas-neighbours", atlas, number],
    queryFn: () => data(api.GET("/api/v1/atlases/{id}/neighbours/{number}/", { params: { path: { id: atlas, number: number ?? 0 }, query: { count: 12 } } })),
    enabled: number !== null,
    staleTime: Infinity,
  });

/** What the grid sorts and marks cells by, as they are at present. */
export const reviewQuery = (atlas: string, count: number) =>
  queryOptions({
    queryKey: ["atlas-classes", atlas, "review"],
    queryFn: async () => unpackReview(await (await get(at(atlas, "review/"))).arrayBuffer(), count),
    structuralSharing: false,
  });

/** What an attribute says of every cell at present: places in `texts`, or the number itself; null where nobody said. */
export const attributeQuery = (atlas: string, attribute: string) =>
  queryOptions({
    queryKey: ["atlas-classes", atlas, "attribute", attribute],
    queryFn: () => data(api.GET("/api/v1/atlases/{id}/attributes/{attribute}/", { params: { path: { id: atlas, attribute } } })),
    structuralSharing: false,
  });

/** How far every cell is from one. */
export const likenessQuery = (atlas: string, number: number) =>
  queryOptions({
    queryKey: ["atlas-likeness", atlas, number],
    queryFn: async () => new Float32Array(await (await get(at(atlas, `likeness/${number}/`))).arrayBuffer()),
    staleTime: Infinity,
    gcTime: 60_000,
    structuralSharing: false,
  });

export const cropsAddress = (atlas: string, numbers: readonly number[]) => `${at(atlas, "crops/")}?numbers=${numbers.join(",")}`;

export const makeAtlas = (body: Schema["AtlasInRequest"]) => data(api.POST("/api/v1/atlases/", { body }));

export const deleteAtlas = (id: string) => api.DELETE("/api/v1/atlases/{id}/", { params: { path: { id } } });

/** What is said of many cells at once: a class (null: none), a quality, whether nothing shall be learnt from them, doubt, attributes by id. */
export type Said = Omit<Schema["LabellingInRequest"], "numbers">;

export const labelCells = (atlas: string, numbers: readonly number[], said: Said) =>
  data(api.POST("/api/v1/atlases/{id}/labellings/", { params: { path: { id: atlas } }, body: { numbers: [...numbers], ...said } }));

export const undoLabelling = (atlas: string, labelling: string) =>
  data(api.POST("/api/v1/atlases/{id}/labellings/{labelling}/undo/", { params: { path: { id: atlas, labelling } } }));
