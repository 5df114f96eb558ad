import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";

export type Left = Schema["LeftOut"];
export type LeavingForm = Schema["LeftOut"]["form"];
export type Licence = Schema["LeftOut"]["licence"];

export const LICENCES = ["CC-BY-4.0", "CC0-1.0", "BSD-3-Clause", "MIT", "Apache-2.0"] as const satisfies readonly Licence[];

/** Has the files of a model written; what is there already is answered at once. */
export const prepareLeaving = (id: string, form: LeavingForm, licence: Licence): Promise<Left> =>
  data(api.POST("/api/v1/trained-models/{id}/leaving/", { params: { path: { id } }, body: { form, licence } }));
