import { queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import type { Schema } from "./types";

type Image = Required<Schema["ImageOut"]>;
type Branch = Required<Schema["BranchOut"]>;

const at = (id: string) => ({ params: { path: { id } } }) as const;

/** Under words of their own where a live event must not ask again after every stroke. */
export const imageQuery = (id: string) =>
  queryOptions({
    queryKey: ["annotate", "image", id],
    queryFn: () => data(api.GET("/api/v1/images/{id}/", at(id))) as Promise<Image>,
  });

export const branchQuery = (id: string) => queryOptions({ queryKey: ["branches", id], queryFn: () => readBranch(id) });

export const readBranch = (id: string) => data(api.GET("/api/v1/branches/{id}/", at(id))) as Promise<Branch>;
