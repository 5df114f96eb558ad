import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { addresses } from "@/lib/addresses";
import { freeze, startJob } from "../queries";
import { startSearch } from "../search/queries";
import type { Recipe, SnapshotRule } from "../types";
import { settingsFor, type Plan } from "./plan";
import type { SearchWish } from "./search-form";

interface Order {
  plan: Plan;
  rule: SnapshotRule;
  recipe: Recipe;
}

/** Freezes the snapshot once for one choice of images, however often samples are looked at before the start. */
export function useTrainingStart(projectId: string) {
  const navigate = useNavigate();
  const frozen = useRef<{ rule: string; snapshot: string } | null>(null);

  const snapshotOf = async (rule: SnapshotRule, name: string): Promise<string> => {
    const key = JSON.stringify(rule);
    if (frozen.current?.rule !== key) frozen.current = { rule: key, snapshot: (await freeze(rule, name)).id };
    return frozen.current.snapshot;
  };
  const order = async (kind: "TRAIN" | "PREVIEW", { plan, rule, recipe }: Order) => {
    return startJob({
      project: projectId,
      kind,
      recipe: recipe.name,
      snapshot: await snapshotOf(rule, plan.name),
      settings: settingsFor(recipe, plan.settings),
      seed: plan.seed,
      minutes: kind === "TRAIN" ? plan.minutes : null,
      name: kind === "TRAIN" ? plan.name.trim() : `samples for ${plan.name || recipe.title}`,
      init_from: kind === "TRAIN" ? plan.initFrom : null,
      make_tasks: false,
      folds: kind === "TRAIN" ? plan.folds : null,
    });
  };
  const train = useMutation({
    mutationFn: (what: Order) => order("TRAIN", what),
    onSuccess: (job) => void navigate({ to: addresses.job(projectId, job.id) }),
  });
  const search = useMutation({
    mutationFn: async ({ plan, rule, recipe, wish }: Order & { wish: SearchWish }) =>
      startSearch({
        project: projectId,
        recipe: recipe.name,
        snapshot: await snapshotOf(rule, plan.name),
        settings: settingsFor(recipe, plan.settings),
        name: plan.name.trim(),
        init_from: plan.initFrom,
        ...wish,
      }),
    onSuccess: (started) => void navigate({ to: addresses.job(projectId, started.job) }),
  });
  const preview = useMutation({ mutationFn: (what: Order) => order("PREVIEW", what) });
  return { train, search, preview };
}
