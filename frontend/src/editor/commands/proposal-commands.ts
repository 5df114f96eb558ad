/** Proposals become edits, or go. */
import type { Proposal } from "../door";
import { Refused } from "../core/operations";
import type { Transaction } from "../core/transaction";
import type { Desk } from "./desk";
import type { Doers } from "./doers";

export type ProposalCommand =
  /** All of the draft's, or the one with this key: one edit. */
  | { readonly kind: "proposal.accept"; readonly key?: number }
  | { readonly kind: "proposal.reject"; readonly key?: number };

function accept(desk: Desk, { key }: Extract<ProposalCommand, { kind: "proposal.accept" }>): void {
  const { draft } = desk.outlook;
  const chosen = draft?.proposals.filter((p) => key === undefined || p.key === key) ?? [];
  if (!draft || chosen.length === 0) return;
  desk.needEditable();
  desk.withFrames(chosen, () => {
    const cells = chosen.map((proposal) => proposal.cell ?? desk.takeId());
    const edit = desk.session.run(draft.tool, (tx) => chosen.forEach((proposal, i) => lay(desk, tx, proposal, cells[i])));
    keepOthers(desk, chosen);
    if (edit) desk.set({ selected: [...new Set(cells)] });
    desk.made(edit);
  });
}

function lay(desk: Desk, tx: Transaction, { t, z, runs, takes }: Proposal, cell: number): void {
  const writer = tx.on(t, z);
  for (const [from, taken] of takes ?? []) writer.eraseRuns(from, taken);
  tx.ensure(cell);
  if (writer.paintRuns(cell, desk.outlook.toolOptions.writeMode, runs) === 0 && runs.length > 0 && !takes) {
    throw new Refused("Every pixel of the proposal belongs to another cell, and the write mode keeps other cells; choose overwrite or overlap.");
  }
}

function reject(desk: Desk, { key }: Extract<ProposalCommand, { kind: "proposal.reject" }>): void {
  const { draft } = desk.outlook;
  keepOthers(desk, draft?.proposals.filter((p) => key === undefined || p.key === key) ?? []);
}

/** The draft ends with its last proposal. */
function keepOthers(desk: Desk, gone: readonly Proposal[]): void {
  const { draft } = desk.outlook;
  if (!draft) return;
  const proposals = draft.proposals.filter((p) => !gone.includes(p));
  desk.set({ draft: proposals.length > 0 ? { ...draft, proposals } : null });
}

export const PROPOSAL_DOERS: Doers<ProposalCommand> = { "proposal.accept": accept, "proposal.reject": reject };
