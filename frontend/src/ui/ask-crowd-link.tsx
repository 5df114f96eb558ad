import { addresses } from "@/lib/addresses";
import { ButtonLink } from "./link";

/** A draft of a model, or of a linker. */
export interface AskedDraft {
  readonly branch: string;
  readonly dataset: string;
}

/** In an address there is room for so many. */
const DRAFTS_MOST = 100;

export interface AskCrowdLinkProps {
  project: string;
  /** The least sure first: what is too much is left out. */
  drafts: readonly AskedDraft[];
  kind: "CELL" | "SAME";
  /** Whose drafts, for screen readers, where the page has several such links. */
  of?: string;
  size?: "sm" | "compact-xs";
}

/** To a new campaign that asks about what a machine proposed and was least sure of. */
export function AskCrowdLink({ project, drafts, kind, of, size = "sm" }: AskCrowdLinkProps) {
  if (drafts.length === 0) return null;
  const asked = drafts.slice(0, DRAFTS_MOST);
  const what = kind === "CELL" ? "The cells that the model was least sure of" : "The links that the linker was least sure of";
  const where = drafts.length > asked.length ? `, in the ${asked.length} least sure of ${drafts.length} drafts` : "";
  return (
    <ButtonLink
      size={size}
      variant="default"
      title={`${what}${where}, as yes or no questions for many people`}
      aria-label={of && `Ask a crowd about ${of}`}
      to={addresses.newCampaign(project, { branches: asked.map(({ branch }) => branch).join(","), dataset: asked[0].dataset, kind })}
      onClick={(event) => event.stopPropagation()}
    >
      Ask a crowd
    </ButtonLink>
  );
}
