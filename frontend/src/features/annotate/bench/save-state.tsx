import { useInterval } from "@mantine/hooks";
import { Button, Tooltip } from "@mantine/core";
import { useState } from "react";
import { formatAgo, plural } from "@/lib/format";
import type { Tone } from "@/ui/palette";
import { StateBadge } from "@/ui/state-badge";
import type { SaveState as State } from "../saving/autosave";
import { useSaveState } from "../saving/use-autosave";
import { useBench } from "./bench-context";

/** Always visible: what the server has, and what it does not have yet. */
export function SaveState() {
  const { autosave, readOnly } = useBench();
  const state = useSaveState(autosave);
  const now = useNow(state.kind === "saved" && state.at !== null);
  if (readOnly) return <StateBadge tone="quiet">Read only</StateBadge>;
  if (!autosave) return <StateBadge tone="quiet">Opening</StateBadge>;
  const { tone, word, sentence } = described(state, now);
  return (
    <Tooltip label={sentence} multiline maw={300}>
      <span role="status" aria-label={sentence} tabIndex={0} className="num" style={{ display: "inline-flex", alignItems: "center", gap: 6 }}>
        {/* The word counts seconds: read out, it would never end. What matters is announced when it changes. */}
        <span aria-hidden>
          <StateBadge tone={tone}>{word}</StateBadge>
        </span>
        {state.kind === "offline" && (
          <Button size="compact-xs" variant="default" onClick={() => autosave?.retryNow()}>
            Try now
          </Button>
        )}
      </span>
    </Tooltip>
  );
}

function described(state: State, now: number): { tone: Tone; word: string; sentence: string } {
  switch (state.kind) {
    case "saved":
      return { tone: "good", word: state.at === null ? "Saved" : `Saved ${sinceSave(now - state.at)}`, sentence: "Everything you drew is on the server." };
    case "saving":
      return { tone: "busy", word: "Saving", sentence: `${plural(state.edits, "edit")} on the way to the server.` };
    case "offline":
      return { tone: "wait", word: `Offline – ${plural(state.edits, "edit")} waiting`, sentence: "The server cannot be reached. Go on: your edits are kept in this browser, also through a reload, and sent when it is back." };
    case "conflict":
      return { tone: "wait", word: `Conflict – ${plural(state.edits, "edit")} held`, sentence: "Somebody else changed the same cells. Decide in the panel over the picture." };
    case "refused":
      return { tone: "bad", word: `Not saved – ${plural(state.edits, "edit")}`, sentence: state.reason };
  }
}

/** Tenths while it is fresh: people like to see that a stroke was taken. */
function sinceSave(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s ago`;
  if (ms < 60_000) return `${Math.round(ms / 1000)} s ago`;
  return formatAgo(new Date(Date.now() - ms).toISOString(), Date.now());
}

function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => ticking && setNow(Date.now()), 500, { autoInvoke: true });
  return now;
}
