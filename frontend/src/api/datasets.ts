import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import { ALL, nextOffset } from "./paging";
import type { Schema } from "./types";

export type Dataset = Schema["DatasetOut"];
export type Image = Schema["ImageOut"];

export const datasetsQuery = (project: string) =>
  queryOptions({
    queryKey: ["datasets", { project }],
    queryFn: async () => (await data(api.GET("/api/v1/datasets/", { params: { query: { project, ...ALL } } }))).results,
  });

export const datasetQuery = (id: string) =>
  queryOptions({
    queryKey: ["datasets", id],
    queryFn: () => data(api.GET("/api/v1/datasets/{id}/", { params: { path: { id } } })),
  });

export interface ImageFilter {
  dataset?: string;
  project?: string;
  search?: string;
  labelled?: boolean;
  accepted?: boolean;
}

const PAGE = 200;

/** Images of a list, fetched a page at a time as they are scrolled to. */
export const imagesQuery = (filter: ImageFilter) =>
  infiniteQueryOptions({
    queryKey: ["images", filter],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/images/", { params: { query: { ...filter, limit: PAGE, offset: pageParam } } })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
  });

export const imageQuery = (id: string) =>
  queryOptions({
    queryKey: ["images", id],
    queryFn: () => data(api.GET("/api/v1/images/{id}/", { params: { path: { id } } })),
  });

/** A few images of a project, and how many there are of them in all: one question for both. */
export const facesAndCountQuery = (project: string, count: number) =>
  queryOptions({
    queryKey: ["images", "faces-and-count", project, count],
    queryFn: async () => {
      const { results, count: all } = await data(api.GET("/api/v1/images/", { params: { query: { project, limit: count, offset: 0 } } }));
      return { faces: results, all };
    },
    staleTime: 60_000,
  });

/** A few images to show what a project or dataset is about. */
export const facesQuery = (filter: ImageFilter, count: number) =>
  queryOptions({
    queryKey: ["images", "faces", filter, count],
    queryFn: async () => (await data(api.GET("/api/v1/images/", { params: { query: { ...filter, limit: count, offset: 0 } } }))).results,
    staleTime: 60_000,
  });

export const thumbnailOf = (image: string): string => `/api/v1/images/${image}/thumbnail/`;
