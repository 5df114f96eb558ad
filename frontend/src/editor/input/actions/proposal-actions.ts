/** What happens to proposals. */
import { does } from "./action";
import type { Action } from "./action";

export const PROPOSAL_ACTIONS: readonly Action[] = [
  does("Proposals", "proposal.accept", "Accept the proposals", (s) => (s.draft?.proposals.length ? { kind: "proposal.accept" } : null)),
  does("Proposals", "proposal.accept-one", "Accept the first proposal", (s) => (s.draft?.proposals.length ? { kind: "proposal.accept", key: s.draft.proposals[0].key } : null)),
  does("Proposals", "proposal.reject-one", "Reject the first proposal", (s) => (s.draft?.proposals.length ? { kind: "proposal.reject", key: s.draft.proposals[0].key } : null)),
  // Undefined: the page answers.
  does("Proposals", "proposal.accept-or-approve", "Accept the proposals, or submit the task when there are none", (s) => (s.draft?.proposals.length ? { kind: "proposal.accept" } : undefined)),
];
