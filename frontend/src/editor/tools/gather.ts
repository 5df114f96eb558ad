/** A loop around cells selects them; with Shift they are added to what is selected. */
import { tracing } from "./trace";

export const gather = tracing("gather");
