import type { Schema } from "@/api/types";
import type { SettingValue } from "../types";

export type Trial = Omit<Required<Schema["TrialOut"]>, "settings" | "rungs"> & { settings: Record<string, SettingValue>; rungs: Record<string, number> };

/** What the search may do with one setting. */
export interface Range {
  values?: SettingValue[];
  low?: number;
  high?: number;
  log?: boolean;
}

export type Search = Omit<Required<Schema["SearchDetailOut"]>, "base" | "space" | "confirmed" | "trials" | "importance"> & {
  base: Record<string, SettingValue>;
  space: Record<string, Range>;
  confirmed: { best?: number | null; default?: number | null; held?: boolean | null };
  trials: Trial[];
  importance: Record<string, number>;
};
