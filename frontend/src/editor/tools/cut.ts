/** A line drawn through a cell makes two of it; a loop (back to its start, or with Alt) cuts a piece out. */
import { tracing } from "./trace";

export const cut = tracing("cut");
