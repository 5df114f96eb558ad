/** The one place where a command finds its doer. */
import type { Command } from "../door";
import { CELL_DOERS } from "./cell-commands";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { GUIDED_DOERS } from "./guided-commands";
import { HISTORY_DOERS } from "./history-commands";
import { LABEL_DOERS } from "./label-commands";
import { PROMPT_DOERS } from "./prompt-commands";
import { PROPOSAL_DOERS } from "./proposal-commands";
import { SERIES_DOERS } from "./series-commands";
import { SHAPE_DOERS } from "./shape-commands";
import { TRACK_DOERS } from "./track-commands";
import { TRACE_DOERS } from "./trace-commands";
import { VIEW_DOERS } from "./view-commands";

const DOERS: Doers<Command> = {
  ...LABEL_DOERS,
  ...HISTORY_DOERS,
  ...CELL_DOERS,
  ...TRACE_DOERS,
  ...TRACK_DOERS,
  ...SHAPE_DOERS,
  ...GUIDED_DOERS,
  ...SERIES_DOERS,
  ...PROMPT_DOERS,
  ...PROPOSAL_DOERS,
  ...VIEW_DOERS,
};

export function runCommand(desk: Desk, command: Command): void {
  const doer = DOERS[command.kind] as (desk: Desk, command: Command) => void;
  doer(desk, command);
}
