import { api, data } from "@/api/client";
import { wholeEdit } from "../document/labels";
import { readRevisions } from "../queries";
import type { Revision } from "../types";
import type { Step } from "./player";

const PAGE = 500;

/** All edits of revisions after `from` up to `to`, in the order in which they were made. */
export async function readSteps(branch: string, from: number, to: number): Promise<Step[]> {
  const steps: Step[] = [];
  for (let after: number | null = from; after !== null && after < to; ) {
    const query = { after, limit: PAGE };
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(branch, query);
    for (const { edit, revision } of page.results) {
      if (revision.number > to) return steps;
      steps.push({ edit: wholeEdit(edit), number: revision.number, author: authorOf(revision), at: revision.created_at });
    }
    after = page.next_after;
  }
  return steps;
}

const readPage = (id: string, query: { after: number; limit: number }) => data(api.GET("/api/v1/branches/{id}/edits/", { params: { path: { id }, query } }));

const authorOf = ({ author, author_model_name }: { author?: { name: string } | null; author_model_name?: string }): string => author?.name ?? (author_model_name || "Cytoloop");

export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The longest stretch of edits that ends at `to`: it begins after the last import, prediction or restoration, which is no
 * edit that could be played, or at the empty image.
 */
export async function rangeUpTo(branch: string, to: number): Promise<Range> {
  for (let offset = 0; ; ) {
    const page = await readRevisions(branch, offset);
    const bulk = page.results.find((revision) => revision.number <= to && revision.kind !== "EDIT");
    if (bulk) return { from: bulk.number, to };
    offset += page.results.length;
    if (!page.next || page.results.length === 0) return { from: 0, to };
  }
}

/** The stretch of edits that begins with the state of `from`: up to the next bulk revision, or the head. */
export function rangeFrom(revisions: readonly Revision[], from: number, head: number): Range {
  const bulk = revisions.filter((revision) => revision.number > from && revision.kind !== "EDIT").map((revision) => revision.number);
  const next = Math.min(head + 1, ...bulk);
  const before = revisions.map((revision) => revision.number).filter((number) => number < next && number > from);
  return { from, to: Math.max(from, ...before, bulk.length === 0 ? head : from) };
}
