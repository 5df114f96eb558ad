import type { components } from "./schema";

/** What the server answers, by the names of its OpenAPI document: `Schema["ImageOut"]`. */
export type Schema = components["schemas"];
