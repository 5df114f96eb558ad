import type { OwnEdits } from "@/editor";
import { send } from "@/api/http";
import { wholeEdit } from "./labels";

const PAGE = 50;

interface OwnLog {
  readonly results: readonly { readonly edit: Parameters<typeof wholeEdit>[0] }[];
  readonly next_before: number | null;
}

/** One page of what this person has done on the branch, newest first. */
export async function readOwnEdits(branch: string, before: number | null, signal: AbortSignal): Promise<OwnEdits> {
  const url = new URL(`/api/v1/branches/${branch}/edits/`, location.origin);
  const asked = { mine: true, limit: PAGE, ...(before !== null && { before }) };
  for (const [key, value] of Object.entries(asked)) url.searchParams.set(key, String(value));
  const { results, next_before } = (await (await send(new Request(url, { signal }))).json()) as OwnLog;
  return { edits: results.map(({ edit }) => wholeEdit(edit)), before: next_before };
}
