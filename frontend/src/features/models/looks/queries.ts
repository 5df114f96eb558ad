import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";

export type RememberedCell = Schema["RememberedCellOut"];
export type Explanation = Schema["ExplanationOut"];

/** A cell of a frame, on the labels of a branch at a revision. */
export interface Spot {
  image: string;
  t: number;
  z: number;
  cell: number;
  branch?: string;
  revision?: number;
}

export const modelCellsQuery = (model: string) =>
  queryOptions({
    queryKey: ["model-cells", model],
    queryFn: () => data(api.GET("/api/v1/trained-models/{id}/cells/", { params: { path: { id: model } } })),
    staleTime: Infinity,
    retry: false,
  });

export const explanationQuery = (model: string, spot: Spot, of: string | null) =>
  queryOptions({
    queryKey: ["explanation", model, spot, of],
    queryFn: () => data(api.GET("/api/v1/trained-models/{id}/explanation/", { params: { path: { id: model }, query: { ...spot, ...(of && { of }) } } })),
    staleTime: Infinity,
    retry: false,
  });

export const spotOf = ({ image, t, z, cell, branch, revision }: RememberedCell): Spot => ({ image, t, z, cell, branch, revision });

export function cropAddress(model: string, { image, t, z, cell, branch, revision }: Spot): string {
  const asked = new URLSearchParams({ image, t: String(t), z: String(z), cell: String(cell) });
  if (branch) asked.set("branch", branch);
  if (branch && revision) asked.set("revision", String(revision));
  return `/api/v1/trained-models/${model}/cell-crop/?${asked.toString()}`;
}

/** "image,t,z,cell" or "image,t,z,cell,branch,revision", as it stands in the address of the page. */
export function readSpot(text: string | undefined): Spot | null {
  const [image, t, z, cell, branch, revision] = text?.split(",") ?? [];
  const numbers = [t, z, cell].map(Number);
  if (!image || numbers.length < 3 || numbers.some((one) => !Number.isInteger(one) || one < 0)) return null;
  return { image, t: numbers[0] ?? 0, z: numbers[1] ?? 0, cell: numbers[2] ?? 0, ...(branch && { branch }), ...(branch && revision && { revision: Number(revision) }) };
}

/** As `addresses.explain` writes it. */
export const writeSpot = ({ image, t, z, cell, branch, revision }: Spot): string => [image, t, z, cell, ...(branch ? [branch, ...(revision ? [revision] : [])] : [])].join(",");
