/** Every tool by its name. A new tool is a new file and a line here. */
import type { ToolName } from "../door";
import { cut } from "./cut";
import { remove } from "./delete";
import { fill } from "./fill";
import { gather } from "./gather";
import { merge } from "./merge";
import { pan } from "./pan";
import { brush, eraser } from "./pen";
import { select } from "./select";
import type { Tool } from "./tool";

export const TOOLS: Readonly<Record<ToolName, Tool>> = {
  select, brush, eraser, fill, merge, delete: remove, pan,
  cut, gather, polygon: select, lasso: select, magnetic: select, box: select, ellipse: select, point: select,
  threshold: select, watershed: select, wand: select, prompt: select,
};
