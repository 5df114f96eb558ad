/** Commands over planes and frames: interpolation over z, propagation over t. */
import type { Doers } from "./doers";

export type SeriesCommand = never;

export const SERIES_DOERS: Doers<SeriesCommand> = {};
