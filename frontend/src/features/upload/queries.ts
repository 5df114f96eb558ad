import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { isApiError } from "@/api/errors";
import { send } from "@/api/http";
import type { Schema } from "@/api/types";
import type { Wire } from "./upload-run";

export type Upload = Schema["UploadOut"];
export type UploadFile = Schema["UploadFileOut"];

const WATCH_MS = 2_000;

/** One upload with its files; asked for again while the server imports it, in case no event comes through. */
export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: ["uploads", id],
    queryFn: () => data(api.GET("/api/v1/uploads/{id}/", { params: { path: { id } } })),
    refetchInterval: (query) => (isImporting(query.state.data) ? WATCH_MS : false),
  });

/** The newest uploads of a dataset. */
export const uploadsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["uploads", { dataset }],
    queryFn: async () =>
      (await data(api.GET("/api/v1/datasets/{id}/uploads/", { params: { path: { id: dataset }, query: { limit: 5, offset: 0 } } }))).results,
  });

export function isImporting(upload: Upload | undefined): boolean {
  return upload?.state === "RECEIVED" || upload?.state === "IMPORTING";
}

/** Refusals of one chunk that sending it again can mend. */
const PASSING = ["broken_chunk", "chunk_out_of_order"];

export function wireOf(upload: string): Wire {
  return {
    sendChunk: async (file, offset, bytes, sha256, signal) => {
      const url = new URL(`/api/v1/uploads/${upload}/files/${file}/chunks/${offset}/`, location.origin);
      const headers = { "Content-Type": "application/octet-stream", "X-Sha256": sha256 };
      const answer = await send(new Request(url, { method: "PUT", body: bytes, headers, signal }));
      return ((await answer.json()) as Schema["ChunkOut"]).received ?? offset + bytes.length;
    },
    receivedOf: async (file) => {
      const { files } = await data(api.GET("/api/v1/uploads/{id}/", { params: { path: { id: upload } } }));
      return files.find((one) => one.id === file)?.received ?? 0;
    },
    finish: async () => void (await data(api.POST("/api/v1/uploads/{id}/finish/", { params: { path: { id: upload } } }))),
    refusalOf: (error) => {
      if (!isApiError(error) || PASSING.includes(error.code)) return null;
      return [400, 403, 404, 409, 413].includes(error.status) ? error.message : null;
    },
  };
}
