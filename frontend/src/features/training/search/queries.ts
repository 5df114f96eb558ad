import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import type { Search } from "./types";

const ASK_AGAIN_MS = 3_000;
const OVER = ["SUCCEEDED", "FAILED", "CANCELLED"];

export const isSearchOver = (search: Pick<Search, "state">) => OVER.includes(search.state);

export const searchQuery = (id: string) =>
  queryOptions({
    queryKey: ["searches", id],
    queryFn: async () => (await data(api.GET("/api/v1/searches/{id}/", { params: { path: { id } } }))) as unknown as Search,
    refetchInterval: ({ state }) => (state.data && isSearchOver(state.data) ? false : ASK_AGAIN_MS),
  });

export const startSearch = async (search: Schema["SearchInRequest"]) => (await data(api.POST("/api/v1/searches/", { body: search }))) as unknown as Search;
export const stopSearch = async (id: string) => (await data(api.POST("/api/v1/searches/{id}/stop/", { params: { path: { id } } }))) as unknown as Search;
