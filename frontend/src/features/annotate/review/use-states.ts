import { useQuery } from "@tanstack/react-query";
import { useQueryValue, useSetQuery } from "@/ui/use-address";
import { branchesQuery } from "../queries";
import type { State } from "./compare-overlay";
import type { Branch, Image } from "../types";

export interface Side extends State {
  readonly of: Branch;
  /** The address names a revision; else the branch is taken as it is now. */
  readonly isFixed: boolean;
}

export interface States {
  readonly branches: readonly Branch[];
  readonly base: Side;
  readonly target: Side;
}

const whole = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** What is compared, as the address says it. Without words: what people see now, against another branch or against its beginning. */
export function useStates(image: Image | undefined): { states: States | null; error: unknown } {
  const [base, baseRevision] = [useQueryValue("base")[0], useQueryValue("baseRevision")[0]];
  const [target, targetRevision] = [useQueryValue("target")[0], useQueryValue("targetRevision")[0]];
  const { data: branches, error } = useQuery({ ...branchesQuery(image?.id ?? ""), enabled: image !== undefined });
  if (!image || !branches || branches.length === 0) return { states: null, error };
  const find = (id: string | undefined) => branches.find((one) => one.id === id);
  const after = find(target) ?? find(image.current_branch?.id) ?? branches[0];
  if (!after) return { states: null, error };
  const before = find(base) ?? branches.find((one) => one.id !== after.id && one.head_number > 0) ?? after;
  const first = base === undefined && before === after ? 0 : undefined;
  return { states: { branches, base: sideOf(before, whole(baseRevision) ?? first), target: sideOf(after, whole(targetRevision)) }, error };
}

const sideOf = (of: Branch, number: number | undefined): Side => ({ of, branch: of.id, number: number ?? of.head_number, isFixed: number !== undefined });

export function useSetStates(): (base: Pick<Side, "branch" | "number" | "isFixed">, target: Pick<Side, "branch" | "number" | "isFixed">) => void {
  const setQuery = useSetQuery();
  const words = (name: string, { branch, number, isFixed }: Pick<Side, "branch" | "number" | "isFixed">) => ({
    [name]: branch,
    [`${name}Revision`]: isFixed ? String(number) : undefined,
  });
  return (base, target) => setQuery({ ...words("base", base), ...words("target", target) });
}
