import { Table, Text } from "@mantine/core";
import { Fragment } from "react";
import classes from "./models.module.css";
import { ScoreBar } from "./score-bar";
import { drawable, scoreLabel, scoreNames } from "./score-words";
import type { Scores } from "./types";

/** The held-out split first and as bars; all numbers below. */
export function ModelScores({ scores }: { scores: Scores }) {
  const split = scores.test ? "test" : "validation";
  const bars = drawable(scores[split]);
  return (
    <section aria-labelledby="scores">
      <h2 className={classes.title} id="scores">
        Scores on the {split} images
      </h2>
      {bars.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was scored: the snapshot held no {split} images.
        </Text>
      )}
      <div className={classes.bars}>
        {bars.map(({ name, label, value }) => (
          <Fragment key={name}>
            <span>{label}</span>
            <ScoreBar value={value} label={label} />
          </Fragment>
        ))}
      </div>
      {split === "validation" && bars.length > 0 && (
        <Text size="xs" c="dimmed" mt={8}>
          These images said when to stop, so the scores flatter. Leave some images for test to know better.
        </Text>
      )}
    </section>
  );
}

export function ScoreTable({ scores }: { scores: Scores }) {
  const splits = Object.keys(scores).sort();
  if (splits.length === 0) return null;
  return (
    <Table verticalSpacing={4} aria-label="All scores">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Score</Table.Th>
          {splits.map((split) => (
            <Table.Th key={split} ta="right">
              {split.replaceAll("_", " ")}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {scoreNames(scores).map((name) => (
          <Table.Tr key={name}>
            <Table.Td>{scoreLabel(name)}</Table.Td>
            {splits.map((split) => (
              <Table.Td key={split} ta="right" className="num">
                {formatScore(scores[split]?.[name])}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function formatScore(value: number | undefined): string {
  if (value === undefined) return "–";
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}
