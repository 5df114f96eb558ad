import { Table, Text } from "@mantine/core";
import { classRows, judgementOf, type ClassJudgement } from "./class-judgement";
import classes from "./model-classes.module.css";
import shared from "./models.module.css";
import { ScoreBar } from "./score-bar";

/** How a classifier does, class by class: what it takes for what, whether it can be believed, then the numbers. Nothing for other models. */
export function ModelClasses({ summary }: { summary: Record<string, unknown> }) {
  const found = judgementOf(summary);
  if (!found) return null;
  const { names, split, told } = found;
  return (
    <>
      <section aria-labelledby="confusion">
        <h2 className={shared.title} id="confusion">
          What it takes for what, {split} cells
        </h2>
        <Confusion names={names} confusion={told.confusion} />
      </section>
      <section aria-labelledby="reliability">
        <h2 className={shared.title} id="reliability">
          Whether it can be believed
        </h2>
        <Reliability steps={told.reliability} />
      </section>
      <section aria-labelledby="per-class">
        <h2 className={shared.title} id="per-class">
          Class by class
        </h2>
        <PerClass names={names} confusion={told.confusion} />
      </section>
    </>
  );
}

interface ConfusionProps {
  names: readonly string[];
  confusion: ClassJudgement["confusion"];
}

export function Confusion({ names, confusion }: ConfusionProps) {
  const totals = confusion.map((row) => row.reduce((total, one) => total + one, 0));
  return (
    <>
      <div className={classes.confusion} style={{ gridTemplateColumns: `minmax(60px, max-content) repeat(${names.length}, minmax(40px, 1fr))` }} role="img" aria-label="Cells by true class in rows and told class in columns; the table below has the numbers">
        <span />
        {names.map((name) => (
          <span key={name} title={name}>
            {name}
          </span>
        ))}
        {names.map((name, row) => [
          <span key={name} title={name}>
            {name}
          </span>,
          ...names.map((other, column) => (
            <div key={`${name} as ${other}`} className={`${classes.field} num`} title={`${name} told as ${other}`} style={{ "--share": 0.75 * ((confusion[row]?.[column] ?? 0) / Math.max(totals[row] ?? 0, 1)) }}>
              {confusion[row]?.[column]}
            </div>
          )),
        ])}
      </div>
      <Text size="xs" c="dimmed" mt={4}>
        Rows: the true class. Columns: the class it told.
      </Text>
    </>
  );
}

type Step = ClassJudgement["reliability"][number];

export interface ReliabilityWords {
  readonly label: string;
  readonly step: (step: Step) => string;
  readonly caption: string;
}

const OF_CLASSES: ReliabilityWords = {
  label: "Share right by how sure it was",
  step: ({ said, right }) => `${said.toFixed(2)} sure, ${right.toFixed(2)} right`,
  caption: "Left to right: how sure it was, 0 to 1. Height: the share that was right. On the line, “80 % sure” is right in 80 of 100 cells.",
};

export function Reliability({ steps, words = OF_CLASSES }: { steps: ClassJudgement["reliability"]; words?: ReliabilityWords }) {
  const width = 100 / Math.max(steps.length, 1);
  return (
    <>
      <svg className={classes.reliability} viewBox="0 0 100 100" role="img" aria-label={`${words.label}: ${steps.filter((step) => step.cells > 0).map(words.step).join("; ")}`}>
        <rect className={classes.frame} x={0} y={0} width={100} height={100} />
        {steps.map((step, at) => (
          <rect key={at} x={at * width + 0.5} y={100 - 100 * step.right} width={width - 1} height={100 * step.right}>
            <title>{words === OF_CLASSES ? `${step.cells} cells: ${words.step(step)}` : words.step(step)}</title>
          </rect>
        ))}
        <line x1={0} y1={100} x2={100} y2={0} />
      </svg>
      <Text size="xs" c="dimmed" mt={4}>
        {words.caption}
      </Text>
    </>
  );
}

function PerClass({ names, confusion }: ConfusionProps) {
  return (
    <Table.ScrollContainer minWidth={430} type="native">
      <Table verticalSpacing={4} aria-label="Scores by class">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Class</Table.Th>
            <Table.Th ta="right">Cells</Table.Th>
            <Table.Th>Found</Table.Th>
            <Table.Th>Right when told</Table.Th>
            <Table.Th>F1</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {classRows(names, confusion).map((row) => (
            <Table.Tr key={row.name}>
              <Table.Td>{row.name}</Table.Td>
              <Table.Td ta="right" className="num">
                {row.cells}
              </Table.Td>
              {([["Found", row.recall], ["Right when told", row.precision], ["F1", row.f1]] as const).map(([label, value]) => (
                <Table.Td key={label}>{value === null ? "–" : <ScoreBar value={value} label={`${row.name}: ${label}`} />}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
