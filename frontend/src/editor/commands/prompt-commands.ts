/** Click-to-segment: points, boxes and negative points give a mask. Everything of the gesture stands in the draft. */
import type { Draft, DraftShape, Proposal, PromptOf } from "../door";
import type { Point } from "../core/geometry";
import { lineOfRuns, difference, runsOfLine } from "../core/runs";
import type { Runs } from "../core/runs";
import { Refused } from "../core/operations";
import type { Click } from "../prompting/answering";
import { promptingOf } from "../prompting/prompting";
import type { Segmented } from "../prompting/prompting";
import type { Desk } from "./desk";
import type { Doers } from "./doers";

export type PromptCommand =
  /** A click on the cell (1) or beside it (-1). `fresh`: it begins another object. */
  | { readonly kind: "prompt.click"; readonly at: Point; readonly sign: 1 | -1; readonly fresh: boolean }
  /** A box begins another object; while `drawing` it is only shown. */
  | { readonly kind: "prompt.box"; readonly from: Point; readonly to: Point; readonly drawing: boolean }
  /** The tool, and what a plain click says. */
  | { readonly kind: "prompt.tool"; readonly says: "cell" | "outside" }
  /** Takes the last click back. */
  | { readonly kind: "prompt.back" }
  /** The next click begins another object. */
  | { readonly kind: "prompt.another" }
  /** The pointer rests here: what a click would need is brought ahead of it. */
  | { readonly kind: "prompt.warm"; readonly at: Point };

const ANSWERED = "Enter accepts. Click what is missing, right click what is too much, Ctrl+click for another cell.";
const NOTHING = "Nothing was found there. Click another place on it, or drag a box around it.";
const SMALLEST_BOX_PX = 2;

let keys = 0;

const isOurs = (draft: Draft | null): draft is Draft & { readonly prompts: readonly PromptOf[] } => draft?.tool === "prompt" && draft.prompts !== undefined;

const draftOf = ({ outlook }: Desk): Draft & { readonly prompts: readonly PromptOf[] } =>
  isOurs(outlook.draft) ? outlook.draft : { tool: "prompt", shapes: [], proposals: [], prompts: [], hint: null, waiting: false };

function click(desk: Desk, { at, sign, fresh }: Extract<PromptCommand, { kind: "prompt.click" }>): void {
  desk.needEditable();
  if (!isInside(desk, at)) return;
  const draft = draftOf(desk);
  const said: Click = { y: at.y, x: at.x, sign };
  const active = fresh ? undefined : activeOf(draft, at, sign);
  if (!active && sign < 0) throw new Refused("Click on the cell first; then say what is not part of it.");
  begin(desk, active ? { ...active, clicks: [...active.clicks, said] } : { key: ++keys, clicks: [said], box: null, cell: cellFor(desk, at), done: false });
}

/** The object whose mask is under a click on the cell, else the last one that was asked about. */
function activeOf(draft: Draft & { readonly prompts: readonly PromptOf[] }, at: Point, sign: 1 | -1): PromptOf | undefined {
  const under = sign > 0 ? draft.proposals.find((proposal) => holds(proposal.runs, at)) : undefined;
  const last = draft.prompts.find((prompt) => prompt.key === under?.key) ?? draft.prompts.at(-1);
  return last?.done ? undefined : last;
}

const holds = (runs: Runs, at: Point): boolean => {
  const [y, x] = [Math.floor(at.y), Math.floor(at.x)];
  for (let i = 0; i < runs.length; i += 3) if (runs[i] === y && x >= runs[i + 1] && x < runs[i + 1] + runs[i + 2]) return true;
  return false;
};

function box(desk: Desk, { from, to, drawing }: Extract<PromptCommand, { kind: "prompt.box" }>): void {
  desk.needEditable();
  const draft = draftOf(desk);
  if (drawing) {
    desk.set({ draft: { ...draft, shapes: [...shapesOf(draft.prompts), { kind: "box", from, to }] } });
    return;
  }
  const { y: height, x: width } = desk.document.size;
  const sides = {
    y0: Math.max(0, Math.min(from.y, to.y)), x0: Math.max(0, Math.min(from.x, to.x)),
    y1: Math.min(height, Math.max(from.y, to.y)), x1: Math.min(width, Math.max(from.x, to.x)),
  };
  if (sides.y1 - sides.y0 < SMALLEST_BOX_PX || sides.x1 - sides.x0 < SMALLEST_BOX_PX) {
    show(desk, draft.prompts, draft.hint);
    throw new Refused("The box is too small: drag it around the cell.");
  }
  const middle = { y: (sides.y0 + sides.y1) / 2, x: (sides.x0 + sides.x1) / 2 };
  begin(desk, { key: ++keys, clicks: [], box: sides, cell: cellFor(desk, middle), done: false });
}

function tool(desk: Desk, { says }: Extract<PromptCommand, { kind: "prompt.tool" }>): void {
  const { tool: held, draft, toolOptions } = desk.outlook;
  desk.set({ tool: "prompt", draft: held === "prompt" ? draft : null, toolOptions: { ...toolOptions, promptSays: says } });
}

function back(desk: Desk): void {
  if (!isOurs(desk.outlook.draft)) return;
  const { prompts, proposals } = desk.outlook.draft;
  const last = prompts.at(-1);
  if (!last) return;
  const clicks = last.clicks.slice(0, -1);
  if (clicks.some((said) => said.sign > 0) || last.box) {
    begin(desk, { ...last, clicks, done: false });
    return;
  }
  const draft = desk.outlook.draft;
  desk.set({ draft: prompts.length === 1 ? null : withPrompts(draft, prompts.slice(0, -1), proposals.filter((p) => p.key !== last.key)) });
}

function another(desk: Desk): void {
  if (!isOurs(desk.outlook.draft)) return;
  const prompts = desk.outlook.draft.prompts.map((prompt) => ({ ...prompt, done: true }));
  desk.set({ draft: { ...desk.outlook.draft, prompts, hint: "Click on the next cell." } });
}

function warm(desk: Desk, { at }: Extract<PromptCommand, { kind: "prompt.warm" }>): void {
  // Not waited for: whoever clicks hears what is missing.
  promptingOf(desk.document).warm(desk, at).catch(() => undefined);
}

// ---------------------------------------------------------------- one object's answer

/** Shows what was said and asks for the mask. The newest object stands last. */
function begin(desk: Desk, asked: PromptOf): void {
  const draft = draftOf(desk);
  show(desk, [...draft.prompts.filter((prompt) => prompt.key !== asked.key), asked], draft.proposals.length > 0 ? draft.hint : "Looking at the picture around the click.");
  desk.later(find(desk, asked));
}

async function find(desk: Desk, asked: PromptOf): Promise<void> {
  const { t, z } = desk.outlook;
  const isWanted = (): boolean => isOurs(desk.outlook.draft) && desk.outlook.draft.prompts.some((prompt) => prompt.key === asked.key && prompt.clicks === asked.clicks);
  try {
    const found = await promptingOf(desk.document).answer(desk, { key: asked.key, prompt: asked }, (sentence) => isWanted() && desk.set({ draft: { ...draftOf(desk), hint: sentence } }));
    if (isWanted()) place(desk, asked, proposalOf(desk, asked, found, t, z));
  } catch (error) {
    if (isWanted()) drop(desk, asked);
    throw error;
  }
}

function place(desk: Desk, asked: PromptOf, proposal: Proposal): void {
  const draft = draftOf(desk);
  const others = draft.proposals.filter((p) => p.key !== asked.key);
  const proposals = proposal.runs.length > 0 ? [...others, proposal] : others;
  const answered = new Set([...proposals.map((p) => p.key), asked.key]);
  desk.set({ draft: { ...draft, proposals, hint: proposal.runs.length > 0 ? ANSWERED : NOTHING, waiting: draft.prompts.some((p) => !answered.has(p.key)) } });
}

/** A question without an answer goes, with its mask. */
function drop(desk: Desk, asked: PromptOf): void {
  const draft = draftOf(desk);
  const prompts = draft.prompts.filter((prompt) => prompt.key !== asked.key);
  desk.set({ draft: prompts.length > 0 ? withPrompts(draft, prompts, draft.proposals.filter((p) => p.key !== asked.key)) : null });
}

/** A cell that is asked about again gets the new mask instead of its old one. */
function proposalOf(desk: Desk, asked: PromptOf, { runs, quality }: Segmented, t: number, z: number): Proposal {
  const base = { key: asked.key, t, z, cell: asked.cell, runs, quality };
  const old = asked.cell === null ? [] : (desk.store.frame(t, z)?.runsOf(asked.cell) ?? []);
  const left = difference(lineOfRuns(old), lineOfRuns(runs));
  return asked.cell === null || left.length === 0 ? base : { ...base, takes: new Map([[asked.cell, runsOfLine(left)]]) };
}

/** The selected cell, when it has no pixels here yet or the click is on it; otherwise a new one. */
function cellFor(desk: Desk, at: Point): number | null {
  const { selected, draft } = desk.outlook;
  if (selected.length !== 1) return null;
  const [cell] = selected;
  if (isOurs(draft) && draft.prompts.some((prompt) => prompt.cell === cell)) return null;
  const frame = desk.frame();
  if (!frame) return null;
  return !frame.has(cell) || frame.cellsAt(Math.floor(at.x), Math.floor(at.y)).includes(cell) ? cell : null;
}

const isInside = ({ document: { size } }: Desk, at: Point): boolean => at.x >= 0 && at.y >= 0 && at.x < size.x && at.y < size.y;

// ---------------------------------------------------------------- the draft

function show(desk: Desk, prompts: readonly PromptOf[], hint: string | null): void {
  const draft = draftOf(desk);
  desk.set({ draft: prompts.length === 0 ? null : { ...withPrompts(draft, prompts, draft.proposals), hint, waiting: true } });
}

const withPrompts = (draft: Draft, prompts: readonly PromptOf[], proposals: readonly Proposal[]): Draft => ({ ...draft, prompts, proposals, shapes: shapesOf(prompts) });

/** What is left of a draft of prompts when some of its proposals were accepted or rejected. */
export function keepPrompts(draft: Draft, proposals: readonly Proposal[]): Draft {
  const prompts = draft.prompts?.filter((prompt) => proposals.some((p) => p.key === prompt.key));
  return prompts ? withPrompts(draft, prompts, proposals) : { ...draft, proposals };
}

const shapesOf = (prompts: readonly PromptOf[]): DraftShape[] => prompts.flatMap(({ clicks, box: sides }) => [...boxShape(sides), ...clicks.map(dotOf)]);

const dotOf = ({ x, y, sign }: Click): DraftShape => ({ kind: "dot", at: { x, y }, sign });

const boxShape = (sides: PromptOf["box"]): DraftShape[] => (sides ? [{ kind: "box", from: { x: sides.x0, y: sides.y0 }, to: { x: sides.x1, y: sides.y1 } }] : []);

export const PROMPT_DOERS: Doers<PromptCommand> = {
  "prompt.click": click,
  "prompt.box": box,
  "prompt.tool": tool,
  "prompt.back": back,
  "prompt.another": another,
  "prompt.warm": warm,
};
