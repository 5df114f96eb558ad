/** What happens to proposals. */
import type { EditorState } from "@/editor/door";
import { does } from "./action";
import type { Action } from "./action";

/** In a series all of the frame that is shown; otherwise the first that is shown here, or the first of all. */
function oneOf({ draft, t, z }: EditorState): { key?: number; here?: boolean } {
  const first = draft?.proposals.find((p) => p.t === t && p.z === z);
  if (first && (draft?.tool === "interpolate" || draft?.tool === "propagate")) return { here: true };
  return { key: (first ?? draft?.proposals[0])?.key };
}

export const PROPOSAL_ACTIONS: readonly Action[] = [
  does("Proposals", "proposal.accept", "Accept the proposals", (s) => (s.draft?.proposals.length ? { kind: "proposal.accept" } : null)),
  does("Proposals", "proposal.accept-one", "Accept the first proposal", (s) => (s.draft?.proposals.length ? { kind: "proposal.accept", ...oneOf(s) } : null)),
  does("Proposals", "proposal.reject-one", "Reject the first proposal", (s) => (s.draft?.proposals.length ? { kind: "proposal.reject", ...oneOf(s) } : null)),
  // Undefined: the page answers.
  does("Proposals", "proposal.accept-or-approve", "Accept the proposals, or submit the task when there are none", (s) => (s.draft?.proposals.length ? { kind: "proposal.accept" } : undefined)),
];
