/** Commands that look at the grey values: threshold in a box, two-click watershed, autofit, magic wand. */
import type { ToolName } from "../door";
import { warmCraft } from "../workers/craft-client";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { autofit } from "./guided/autofit";
import type { AutofitCommand } from "./guided/autofit";
import { beginThreshold, boxThreshold, dragThreshold, refreshThreshold } from "./guided/threshold";
import type { ThresholdCommand } from "./guided/threshold";
import { beginWand, dragWand, endWand } from "./guided/wand";
import type { WandCommand } from "./guided/wand";
import { lookWatershed, refreshWatershed, seedWatershed, splitNow } from "./guided/watershed";
import type { WatershedCommand } from "./guided/watershed";

export type GuidedCommand = ThresholdCommand | WatershedCommand | AutofitCommand | WandCommand;

/** The settings have changed: a preview under way follows them. */
export function refreshGuided(desk: Desk): void {
  if (desk.outlook.draft?.tool === "threshold") refreshThreshold(desk);
  if (desk.outlook.draft?.tool === "watershed") refreshWatershed(desk);
}

const CRAFT_TOOLS: readonly ToolName[] = ["threshold", "watershed", "wand", "magnetic"];

/** The worker starts with the tool, so that the first preview does not wait for it. */
export function readyFor(tool: ToolName): void {
  if (CRAFT_TOOLS.includes(tool)) warmCraft();
}

export const GUIDED_DOERS: Doers<GuidedCommand> = {
  "threshold.begin": beginThreshold,
  "threshold.drag": dragThreshold,
  "threshold.box": boxThreshold,
  "watershed.seed": seedWatershed,
  "watershed.look": lookWatershed,
  "watershed.split": splitNow,
  "cell.autofit": autofit,
  "wand.begin": beginWand,
  "wand.drag": dragWand,
  "wand.end": endWand,
};
