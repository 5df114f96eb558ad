/** Every tool by its name. A new tool is a new file and a line here. */
import type { ToolName } from "../door";
import { cut } from "./cut";
import { remove } from "./delete";
import { fill } from "./fill";
import { box, ellipse } from "./frame-shapes";
import { follow } from "./follow";
import { gather } from "./gather";
import { divide } from "./divide";
import { lasso } from "./lasso";
import { link } from "./link";
import { magnetic } from "./magnetic";
import { merge } from "./merge";
import { pan } from "./pan";
import { brush, eraser } from "./pen";
import { point } from "./point";
import { polygon } from "./polygon";
import { prompt } from "./prompt";
import { select } from "./select";
import { threshold } from "./threshold";
import type { Tool } from "./tool";
import { wand } from "./wand";
import { watershed } from "./watershed";

export const TOOLS: Readonly<Record<ToolName, Tool>> = {
  select, brush, eraser, fill, merge, delete: remove, pan,
  cut, gather, polygon, lasso, magnetic, box, ellipse, point,
  threshold, watershed, wand, prompt,
  link, divide, follow,
};
