import { Button, SegmentedControl, Text, UnstyledButton } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ComponentProps } from "react";
import { api, data } from "@/api/client";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { toast } from "@/ui/toast";
import { useParam } from "@/ui/use-address";
import type { ChangedCell } from "../types";
import { ChangesTab } from "./changes-tab";
import classes from "./compare.module.css";
import { chosenCells, keyOf, next, type Take } from "./settling";

const TAKES: { value: Take; label: string }[] = [
  { value: "FIRST", label: "First" },
  { value: "SECOND", label: "Second" },
  { value: "CONSENSUS", label: "Both" },
];
const SAID: Record<Take, string> = {
  FIRST: "the first rating stays as it is",
  SECOND: "the second rating takes its place",
  CONSENSUS: "only cells that both found stay, their outline half way",
};
const SHORT: Record<Take, string> = { FIRST: "1st", SECOND: "2nd", CONSENSUS: "both" };

/** Two ratings of an image settled: one of them, or cell by cell, or what both agree on. What changes goes to review. */
export function SettlePart({ rating, head, list }: { rating: string; head: number; list: ComponentProps<typeof ChangesTab> }) {
  const project = useParam("projectId");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [take, setTake] = useState<Take>("FIRST");
  const [chosen, setChosen] = useState<ReadonlyMap<string, Take>>(new Map());
  const cells = chosenCells(list.changes ?? [], chosen);
  const settle = useMutation({
    mutationFn: () => data(api.POST("/api/v1/tasks/{id}/settle/", { params: { path: { id: rating } }, body: { take, cells: [...cells], head } })),
    onSuccess: async ({ review }) => {
      await Promise.all(["ratings", "tasks", "annotate"].map((word) => queries.invalidateQueries({ queryKey: [word] })));
      toast.done(review ? "Settled. The change waits for review." : "Settled. The first labels stay as they are.");
      await navigate({ to: review ? addresses.review(project, review.id) : addresses.agreement(project) });
    },
  });
  return (
    <>
      <section className={classes.tally} aria-label="Settle the two ratings">
        <SegmentedControl size="xs" fullWidth aria-label="Whose cells count" data={TAKES} value={take} onChange={(value) => setTake(value)} />
        <Text size="xs" c="dimmed" my={6}>
          {cells.length > 0 ? `${plural(cells.length, "cell")} one by one; else ` : ""}
          {SAID[take]}.
        </Text>
        <ErrorNotice error={settle.error} />
        <Button size="compact-sm" fullWidth loading={settle.isPending} onClick={() => settle.mutate()}>
          Settle
        </Button>
      </section>
      <ChangesTab {...list} extra={(change) => <Whose change={change} take={chosen.get(keyOf(change))} onTake={(one) => setChosen(next(chosen, change, one))} />} />
    </>
  );
}

/** Of one cell whose answer counts: a click goes on to the next choice. */
function Whose({ change, take, onTake }: { change: ChangedCell; take: Take | undefined; onTake: (take: Take | undefined) => void }) {
  const order: (Take | undefined)[] = [undefined, "SECOND", "FIRST", "CONSENSUS"];
  return (
    <UnstyledButton
      className={classes.whose}
      data-chosen={take !== undefined || undefined}
      aria-label={`Cell ${change.cell}: ${take ? SHORT[take] : "like the rest"}`}
      onClick={(event) => {
        event.stopPropagation();
        onTake(order[(order.indexOf(take) + 1) % order.length]);
      }}
    >
      {take ? SHORT[take] : "·"}
    </UnstyledButton>
  );
}
