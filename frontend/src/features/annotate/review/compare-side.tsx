import { Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { formatCount, plural } from "@/lib/format";
import { useQueryValue } from "@/ui/use-address";
import bench from "../bench/bench.module.css";
import { ChangesTab } from "./changes-tab";
import classes from "./compare.module.css";
import { listed, type Differences } from "./differences";
import { SettlePart } from "./settle-part";
import { StateChoice } from "./state-choice";
import type { States } from "./use-states";

/** What is compared, how alike it is, and every cell that differs. */
export function CompareSide({ states, query }: { states: States; query: UseQueryResult<Differences> }) {
  const oneBranch = states.base.branch === states.target.branch;
  const rows = query.data?.results;
  const changes = useMemo(() => rows && listed(rows, oneBranch), [rows, oneBranch]);
  const [rating] = useQueryValue("rating");
  const list = { changes, error: query.error, onRetry: () => void query.refetch(), empty: "Nothing differs: every cell has the same pixels and the same facts on both sides." };
  return (
    <aside className={bench.side} aria-label="Comparison">
      <div className={bench.panel}>
        <StateChoice states={states} />
        {query.data ? <Tally tally={query.data.tally} /> : !query.error && <Skeleton height={40} m="sm" />}
        {rating === undefined ? <ChangesTab {...list} /> : <SettlePart rating={rating} head={states.base.number} list={list} />}
      </div>
    </aside>
  );
}

const PARTS = [
  { of: "same", mark: "#8b98a5" },
  { of: "changed", mark: "#f0e442" },
  { of: "added", mark: "#2fc4b4" },
  { of: "removed", mark: "#f0804a" },
] as const;

/** Cells counted in every frame where they are. */
function Tally({ tally }: { tally: Differences["tally"] }) {
  const words = [
    `${plural(tally.same, "cell")} the same`,
    tally.mean_iou !== null && `mean IoU ${tally.mean_iou.toFixed(3)}`,
    tally.f1 !== null && `F1 ${tally.f1.toFixed(3)}`,
  ].filter(Boolean);
  return (
    <div className={classes.tally}>
      <div className={classes.bar} role="img" aria-label={PARTS.map(({ of }) => `${formatCount(tally[of])} ${of}`).join(", ")}>
        {PARTS.map(({ of, mark }) => (
          <i key={of} style={{ "--mark": mark, "--part": tally[of] }} />
        ))}
      </div>
      <span className="num" title="Mean IoU of all cells that are on both sides; F1 counts those from an IoU of 0.5 on as agreed.">
        {words.join(" · ")}
      </span>
    </div>
  );
}
