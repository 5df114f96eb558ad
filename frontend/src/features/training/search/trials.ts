import type { Tone } from "@/ui/palette";
import type { SettingValue } from "../types";
import type { Search, Trial } from "./types";

export const TRIAL_WORDS: Record<Trial["state"], { tone: Tone; word: string }> = {
  RUNNING: { tone: "busy", word: "Running" },
  DONE: { tone: "good", word: "Done" },
  PRUNED: { tone: "quiet", word: "Ended early" },
  FAILED: { tone: "bad", word: "Failed" },
  STOPPED: { tone: "wait", word: "Stopped" },
};

/** The score of a trial as far as it is known: the last, or that at the last rung. */
export function scoreOf(trial: Pick<Trial, "score" | "rungs">): number | null {
  if (trial.score !== null) return trial.score;
  const last = Object.keys(trial.rungs).sort((a, b) => Number(b) - Number(a))[0];
  return last === undefined ? null : (trial.rungs[last] ?? null);
}

/** What a trial tries: only what differs from the first trial's settings. */
export function differences(search: Pick<Search, "base">, trial: Pick<Trial, "settings">): [string, SettingValue][] {
  return Object.entries(trial.settings).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(search.base[name]));
}

/** Minutes spent when each trial ended, its score if it learned to the end, and the best by then. */
export function scoresOverTime(search: Pick<Search, "trials" | "counts_cpu">): { minutes: number[]; done: (number | null)[]; pruned: (number | null)[]; best: (number | null)[] } {
  const told = { minutes: [] as number[], done: [] as (number | null)[], pruned: [] as (number | null)[], best: [] as (number | null)[] };
  let spent = 0;
  let best: number | null = null;
  for (const trial of search.trials) {
    spent += (search.counts_cpu ? trial.spent_cpu_s : trial.spent_s) / 60;
    if (trial.state === "DONE" && trial.score !== null) best = Math.max(best ?? trial.score, trial.score);
    told.minutes.push(spent);
    told.done.push(trial.state === "DONE" ? trial.score : null);
    told.pruned.push(trial.state === "DONE" ? null : scoreOf(trial));
    told.best.push(best);
  }
  return told;
}

/** 0 … 1: where a value stands between the ends of what is searched. */
export function placeOf(range: Search["space"][string], value: SettingValue | undefined): number {
  if (range.values) return range.values.length < 2 ? 0.5 : Math.max(0, range.values.findIndex((one) => JSON.stringify(one) === JSON.stringify(value))) / (range.values.length - 1);
  const { low = 0, high = 1 } = range;
  const at = typeof value === "number" ? value : low;
  if (high === low) return 0.5;
  return range.log ? Math.log(at / low) / Math.log(high / low) : (at - low) / (high - low);
}

const SCORE_WORDS: Record<string, string> = { ap50: "AP at IoU 0.5", map50: "mAP at IoU 0.5", macro_f1: "F1, mean of the classes", dice: "Dice", mean_dice: "Dice, mean", mean_r: "Pearson r, mean" };

export const scoreWords = (name: string): string => SCORE_WORDS[name] ?? name.replaceAll("_", " ");
