/** Proposals become edits, or go. */
import type { Proposal } from "../door";
import { Refused } from "../core/operations";
import { splitCell } from "../core/splitting";
import type { Transaction } from "../core/transaction";
import type { Desk } from "./desk";
import type { Doers } from "./doers";
import { keepPrompts } from "./prompt-commands";

export type ProposalCommand =
  /** All of the draft's, or the one with this key, or those of the present frame: one edit. */
  | { readonly kind: "proposal.accept"; readonly key?: number; readonly here?: boolean }
  | { readonly kind: "proposal.reject"; readonly key?: number; readonly here?: boolean };

function chosenOf({ outlook: { draft, t, z } }: Desk, { key, here }: ProposalCommand): readonly Proposal[] {
  return draft?.proposals.filter((p) => (key === undefined || p.key === key) && (!here || (p.t === t && p.z === z))) ?? [];
}

function accept(desk: Desk, command: Extract<ProposalCommand, { kind: "proposal.accept" }>): void {
  const { draft } = desk.outlook;
  const chosen = chosenOf(desk, command);
  if (!draft || chosen.length === 0) return;
  desk.needEditable();
  desk.withFrames(chosen, () => {
    const cells = chosen.map((proposal) => proposal.cell ?? desk.takeId());
    const edit = desk.session.run(draft.tool, (tx) => {
      const changed = chosen.map((proposal, i) => lay(desk, tx, proposal, cells[i]));
      if (changed.every((n) => n === 0)) throw new Refused("Every pixel of the proposal belongs to another cell, and the write mode keeps other cells; choose overwrite or overlap.");
    });
    keepOthers(desk, chosen);
    if (edit) desk.set({ selected: [...new Set(cells)] });
    desk.made(edit);
  });
}

/** Answers how many pixels changed; 1 for a proposal that has none, which is nobody's fault. */
function lay(desk: Desk, tx: Transaction, { t, z, cell: named, runs, takes }: Proposal, cell: number): number {
  const writer = tx.on(t, z);
  const [from, taken] = [...(takes ?? [])][0] ?? [];
  // A part of a cell becomes a cell: no pixel is lost to the write mode, and what is said of the one holds for the other.
  if (named === null && from !== undefined && taken === runs) {
    splitCell(tx, { t, z }, from, { stays: [], leaves: runs }, cell);
    return 1;
  }
  let changed = runs.length === 0 ? 1 : 0;
  for (const [giver, given] of takes ?? []) changed += writer.eraseRuns(giver, given);
  tx.ensure(cell);
  return changed + writer.paintRuns(cell, desk.outlook.toolOptions.writeMode, runs);
}

function reject(desk: Desk, command: Extract<ProposalCommand, { kind: "proposal.reject" }>): void {
  keepOthers(desk, chosenOf(desk, command));
}

/** The draft ends with its last proposal. When the others lie in other frames, the view goes on to the nearest. */
function keepOthers(desk: Desk, gone: readonly Proposal[]): void {
  const { draft } = desk.outlook;
  if (!draft) return;
  const proposals = draft.proposals.filter((p) => !gone.includes(p));
  desk.set({ draft: proposals.length > 0 ? keepPrompts(draft, proposals) : null });
  const { t, z } = desk.outlook;
  const away = (p: Proposal): number => Math.abs(p.t - t) + Math.abs(p.z - z);
  const [nearest] = [...proposals].sort((a, b) => away(a) - away(b));
  if (gone.length > 0 && nearest !== undefined && away(nearest) > 0) desk.set({ t: nearest.t, z: nearest.z });
}

export const PROPOSAL_DOERS: Doers<ProposalCommand> = { "proposal.accept": accept, "proposal.reject": reject };
