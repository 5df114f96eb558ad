import { Tooltip } from "@mantine/core";
import type { LiveState } from "@/api/live";
import { useLiveEvents } from "@/api/use-live-events";
import type { Tone } from "@/ui/palette";
import { StateBadge } from "@/ui/state-badge";

const SAID: Record<LiveState, { tone: Tone; word: string; sentence: string }> = {
  connecting: { tone: "quiet", word: "Connecting", sentence: "Opening the live line to the server." },
  live: { tone: "good", word: "Live", sentence: "Changes by others and by jobs appear by themselves." },
  polling: { tone: "wait", word: "Reconnecting", sentence: "The live line is down; the page asks for news every ten seconds." },
  offline: { tone: "bad", word: "Offline", sentence: "No network. What you see may be old; edits are kept here until it is back." },
};

/** How the line to the server is; small when all is well. */
export function LiveLine({ projectId }: { projectId: string }) {
  const { tone, word, sentence } = SAID[useLiveEvents(projectId)];
  return (
    <Tooltip label={sentence} multiline maw="18rem">
      <span role="status" tabIndex={0} aria-label={`${word}: ${sentence}`}>
        <StateBadge tone={tone}>{word}</StateBadge>
      </span>
    </Tooltip>
  );
}
