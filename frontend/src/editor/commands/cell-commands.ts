/** Commands on whole cells: shape by morphology, locks, ignored regions, copies to other frames, many at once. */
import type { Doers } from "./doers";

export type CellCommand = never;

export const CELL_DOERS: Doers<CellCommand> = {};
