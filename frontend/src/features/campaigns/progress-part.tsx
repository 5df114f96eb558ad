import { SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { formatCount } from "@/lib/format";
import { Panel } from "@/ui/panel";
import { ProgressLine } from "@/ui/progress-line";
import { Agreement, Histogram, Timeline } from "./plots";
import { fractionOf, secondsLeft } from "./progress";
import type { Campaign, Results } from "./queries";
import { sharePercent } from "./words";
import classes from "./campaigns.module.css";

/** How far the campaign is, and how well people agree, before any table. */
export function ProgressPart({ campaign, results }: { campaign: Campaign; results: Results | undefined }) {
  const { counts } = campaign;
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  return (
    <Panel title="Progress">
      <Stack gap="md">
        <ProgressLine label="Questions answered often enough" fraction={fractionOf(counts)} secondsLeft={results ? secondsLeft(counts, results.timeline, now) : null}>
          {formatCount(counts.done)} of {formatCount(counts.items)} questions answered often enough
        </ProgressLine>
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
          <Fact label="Answers" value={formatCount(counts.answers)} />
          <Fact label="Workers" value={formatCount(counts.workers)} more={counts.excluded > 0 ? `${formatCount(counts.excluded)} excluded` : undefined} />
          <Fact label="Gold" value={formatCount(counts.gold)} />
          <Fact label="Practice" value={formatCount(counts.training)} />
          <Fact label="Certainty" value={sharePercent(results?.mean_certainty)} />
          <Fact label="Answers saved" value={results ? formatCount(results.answers_saved) : "–"} more="against asking always the most" />
        </SimpleGrid>
        {results ? (
          <div className={classes.plots}>
            <Timeline hours={results.timeline} />
            <Agreement measures={results.agreement} severalKinds={campaign.kinds.length > 1} />
            <Histogram title="Certainty of the answers taken together" counts={results.certainty} low="unsure" high="certain" />
            <Histogram title="Ambiguity of the questions" counts={results.ambiguity} low="all agree" high="split" />
          </div>
        ) : (
          <Skeleton height={200} />
        )}
      </Stack>
    </Panel>
  );
}

export function Fact({ label, value, more }: { label: string; value: string; more?: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="lg" fw={600} className="num">
        {value}
      </Text>
      {more && (
        <Text size="xs" c="dimmed">
          {more}
        </Text>
      )}
    </div>
  );
}
