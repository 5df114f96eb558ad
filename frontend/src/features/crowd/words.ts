/** Refusals and ends in plain words. */
import { isApiError } from "@/api/errors";
import { formatDuration } from "@/lib/format";
import type { End, EndReason } from "./doors";

export interface Said {
  readonly title: string;
  readonly sentence: string;
  /** Asking again may help. */
  readonly again: boolean;
}

const ENDS: Record<EndReason, Omit<Said, "again"> & { again?: boolean }> = {
  FINISHED: { title: "All done. Thank you!", sentence: "You have answered everything that was asked of you." },
  NOTHING_NOW: { title: "Nothing to do just now", sentence: "Others are at work on the last pictures. New ones may come; this page looks again by itself.", again: true },
  PAUSED: { title: "This campaign is paused", sentence: "The people who run it have stopped it for now. Your answers are kept; come back later with the same link.", again: true },
  CLOSED: { title: "This campaign has ended", sentence: "Thank you: no more answers are needed." },
  REFUSED: { title: "Thank you for trying", sentence: "The practice pictures are hard, and too many answers differed from the known ones to go on. Nothing is held against you." },
  EXCLUDED: { title: "You cannot go on here", sentence: "The people who run this campaign have ended your part in it." },
};

/** `because`: why this worker was refused or excluded, in the owner's words. */
export function endWords({ reason }: Pick<End, "reason">, because = ""): Said {
  const { again = false, ...words } = ENDS[reason];
  return { ...words, sentence: because ? `${words.sentence} ${because}` : words.sentence, again };
}

export function failureWords(error: unknown): Said {
  if (isApiError(error, 404)) return { title: "This link leads nowhere", sentence: "It may have been cut off when it was copied, or withdrawn. Ask whoever sent it to you for a new one.", again: false };
  if (isApiError(error, 429)) return { title: "Many people at once", sentence: `Please wait ${error.retryAfter_s === null ? "a moment" : formatDuration(error.retryAfter_s)}, then try again.`, again: true };
  if (isApiError(error, 0)) return { title: "No connection", sentence: "Your phone cannot reach the server. Once it is online again, try again.", again: true };
  return { title: "Something went wrong", sentence: error instanceof Error && error.message ? error.message : "The page failed, and did not say why.", again: true };
}
