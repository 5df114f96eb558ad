import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { IconArrowsDownUp } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { formatDate } from "@/lib/format";
import { revisionsQuery } from "../queries";
import type { Branch } from "../types";
import classes from "./compare.module.css";
import { useSetStates, type Side, type States } from "./use-states";

const NEWEST = "newest";

/** Which two states are compared: a branch each, and one of its revisions. */
export function StateChoice({ states }: { states: States }) {
  const set = useSetStates();
  const { base, target } = states;
  return (
    <div className={classes.choice}>
      <OneState title="Before" side={base} branches={states.branches} onChoose={(side) => set(side, target)} />
      <Tooltip label="Change sides">
        <ActionIcon variant="default" size="sm" aria-label="Change sides" onClick={() => set(target, base)}>
          <IconArrowsDownUp size={14} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <OneState title="After" side={target} branches={states.branches} onChoose={(side) => set(base, side)} />
    </div>
  );
}

interface OneStateProps {
  title: string;
  side: Side;
  branches: readonly Branch[];
  onChoose: (side: Pick<Side, "branch" | "number" | "isFixed">) => void;
}

function OneState({ title, side, branches, onChoose }: OneStateProps) {
  const revisions = useInfiniteQuery(revisionsQuery(side.branch)).data?.pages.flatMap((page) => page.results) ?? [];
  const known = new Set(revisions.map(({ number }) => number));
  const numbers = [
    { value: NEWEST, label: `newest (${side.of.head_number})` },
    ...revisions.map(({ number, author, author_model_name, created_at }) => ({ value: String(number), label: `${number} · ${author?.name ?? (author_model_name || "Cytoloop")}, ${formatDate(created_at)}` })),
    ...(side.isFixed && side.number !== 0 && !known.has(side.number) ? [{ value: String(side.number), label: String(side.number) }] : []),
    { value: "0", label: "0 · nothing yet" },
  ];
  return (
    <fieldset className={classes.side}>
      <legend>{title}</legend>
      <Select size="xs" aria-label={`${title}: labels of`} allowDeselect={false} searchable={branches.length > 8} data={branches.map(({ id, name }) => ({ value: id, label: name }))} value={side.branch} onChange={(branch) => branch && onChoose({ branch, number: 0, isFixed: false })} />
      <Select size="xs" aria-label={`${title}: revision`} allowDeselect={false} searchable={numbers.length > 8} data={numbers} value={side.isFixed ? String(side.number) : NEWEST} onChange={(number) => number && onChoose({ branch: side.branch, number: Number(number) || 0, isFixed: number !== NEWEST })} />
    </fieldset>
  );
}
