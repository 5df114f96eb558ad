import { useEffect } from "react";
import type { Edit } from "@/editor";
import { hearNews } from "@/api/live-news";
import { wholeEdit } from "../document/labels";
import type { Autosave, News } from "../saving/autosave";
import type { Branch } from "../types";

/** Others' work comes with the live line, edits and all; where the line was down, the branch's newest number tells that something is missing. */
export function useOthersWork(branch: Branch, autosave: Autosave | null): void {
  useEffect(
    () =>
      hearNews((name, data) => {
        if (name === "revision.created" && data.branch === branch.id) void autosave?.hear(newsOf(data));
      }),
    [autosave, branch.id],
  );
  const head = branch.head_number;
  useEffect(() => {
    if (autosave && head > autosave.shown()) void autosave.hear({ number: head, previous: null, edits: null });
  }, [autosave, head]);
}

function newsOf(data: Readonly<Record<string, unknown>>): News {
  return {
    number: Number(data.number),
    previous: typeof data.previous === "number" ? data.previous : null,
    edits: Array.isArray(data.edits) && data.kind === "EDIT" ? (data.edits as Edit[]).map(wholeEdit) : null,
  };
}
