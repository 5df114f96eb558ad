import { Table, Text } from "@mantine/core";
import { Fragment } from "react";
import { formatCount, plural } from "@/lib/format";
import { Truncated } from "@/ui/truncated";
import { Confusion, Reliability, type ReliabilityWords } from "../model-classes";
import { ChannelScores } from "./channel-scores";
import classes from "./evaluation.module.css";
import { IntervalBar } from "./interval-bar";
import type { EvaluationDetail, Interval } from "./queries";
import { scoreWords, SCORES } from "./words";

/** The score that a table of classes shows: the first of these that there is. */
const OF_A_CLASS = ["class_f1", "map50", "ap50", "dice", "r"] as const;

/** All that a classifier answers for: it is given the outlines. */
const OF_CLASSIFIERS: readonly string[] = ["macro_f1", "balanced_accuracy", "accuracy", "ece"];

type ScoreTable = Record<string, Interval>;

const AGAINST: Record<string, string> = { accepted: "Against accepted labels", recorded: "Against recorded channels" };

/** Every score with its interval, split by split, then each class by itself. */
export function EvaluationScores({ evaluation }: { evaluation: EvaluationDetail }) {
  const splits = Object.keys(evaluation.scores);
  const isClassifier = evaluation.main_score === "macro_f1";
  const ofChannels = evaluation.main_score === "mean_r";
  return (
    <section aria-label="Scores with intervals">
      {splits.map((split) => (
        <Fragment key={split}>
          <h3 className={classes.heading}>{AGAINST[split] ?? `On the ${split} images`}</h3>
          {ofChannels ? <Promised images={evaluation.method?.images[split] ?? 0} level={evaluation.figures[split]?.level} /> : <Counts scores={evaluation.scores[split] ?? {}} images={evaluation.method?.images[split] ?? 0} outlinesToo={!isClassifier} />}
          <Bars scores={evaluation.scores[split] ?? {}} shown={isClassifier ? SCORES.filter(({ name }) => OF_CLASSIFIERS.includes(name)) : SCORES} />
          {ofChannels ? <ChannelScores channels={evaluation.classes[split] ?? {}} /> : <Classes classes={evaluation.classes[split] ?? {}} />}
          <Figures figures={evaluation.figures[split]} isClassifier={isClassifier} />
        </Fragment>
      ))}
      <Text size="xs" c="dimmed" mt={8}>
        {evaluation.method ? `Whiskers: ${Math.round(evaluation.method.level * 100)} % ${evaluation.method.interval}, ${formatCount(evaluation.method.draws)} draws.` : ""} {evaluation.notice}
      </Text>
    </section>
  );
}

function Promised({ images, level }: { images: number; level: number | undefined }) {
  return (
    <Text size="sm" mb={8} className="num">
      {plural(images, "image")}.{level !== undefined && ` The intervals promise to hold ${Math.round(level * 100)} % of the pixels.`}
    </Text>
  );
}

function Counts({ scores, images, outlinesToo }: { scores: ScoreTable; images: number; outlinesToo: boolean }) {
  const told = (name: string) => Math.round(scores[name]?.value ?? 0);
  return (
    <Text size="sm" mb={8} className="num">
      {plural(images, "image")}, {plural(told("true_cells"), "cell")}
      {outlinesToo && `: ${formatCount(told("missed"))} missed, ${formatCount(told("invented"))} invented, ${plural(told("splits"), "split")}, ${plural(told("merges"), "merge")}`}.
    </Text>
  );
}

function Bars({ scores, shown }: { scores: ScoreTable; shown: readonly { name: string; label: string }[] }) {
  return (
    <div className={classes.bars}>
      {shown.map(({ name, label }) => {
        const interval = scores[name];
        return (
          interval && (
            <Fragment key={name}>
              <span>{label}</span>
              <IntervalBar interval={interval} label={label} />
            </Fragment>
          )
        );
      })}
    </div>
  );
}

function Classes({ classes: byClass }: { classes: Record<string, ScoreTable> }) {
  const names = Object.keys(byClass);
  if (names.length === 0) return null;
  const shown = OF_A_CLASS.find((score) => names.some((name) => byClass[name]?.[score])) ?? "ap50";
  return (
    <Table verticalSpacing={4} mt="sm" aria-label="Scores of each class" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Class</Table.Th>
          <Table.Th ta="right" w={70}>
            Cells
          </Table.Th>
          <Table.Th w="34%">{scoreWords(shown)}</Table.Th>
          <Table.Th ta="right" w={70}>
            Recall
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {names.map((name) => (
          <Table.Tr key={name}>
            <Table.Td>
              <Truncated>{name}</Truncated>
            </Table.Td>
            <Table.Td ta="right" className="num">
              {formatCount(byClass[name]?.true_cells?.value ?? 0)}
            </Table.Td>
            <Table.Td>
              <OfClass interval={byClass[name]?.[shown]} label={name} />
            </Table.Td>
            <Table.Td ta="right" className="num">
              {byClass[name]?.recall?.value.toFixed(3)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function OfClass({ interval, label }: { interval: Interval | undefined; label: string }) {
  return interval ? <IntervalBar interval={interval} label={label} /> : null;
}

const OF_INTERVALS: ReliabilityWords = {
  label: "Share of the pixels that intervals hold by what they promise",
  step: ({ said, right }) => `${Math.round(said * 100)} % promised, ${Math.round(right * 100)} % inside`,
  caption: "Left to right: the share of the pixels that an interval promises to hold. Height: the share that it held. Below the line, intervals are too narrow.",
};

function Figures({ figures, isClassifier }: { figures: EvaluationDetail["figures"][string] | undefined; isClassifier: boolean }) {
  const cells = figures?.reliability?.reduce((total, step) => total + step.cells, 0) ?? 0;
  return (
    <>
      {figures?.confusion && (
        <>
          <h4 className={classes.small}>What it takes for what</h4>
          <Confusion names={figures.confusion.names} confusion={figures.confusion.table} />
        </>
      )}
      {cells > 0 && figures?.reliability && (
        <>
          <h4 className={classes.small}>{isClassifier ? "Whether it can be believed" : "Whether its quality can be believed"}</h4>
          <Reliability steps={figures.reliability} />
        </>
      )}
      {(figures?.intervals?.length ?? 0) > 0 && figures?.intervals && (
        <>
          <h4 className={classes.small}>Whether its intervals can be believed</h4>
          <Reliability steps={figures.intervals} words={OF_INTERVALS} />
        </>
      )}
    </>
  );
}
