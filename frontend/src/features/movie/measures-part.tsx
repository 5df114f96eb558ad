import { Button, Group, MultiSelect, Progress, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { LinesChart } from "./lines-chart";
import { MeasuresTable } from "./measures-table";
import classes from "./movie.module.css";
import { measuresQuery, measuresTable, type Branch, type Frame } from "./queries";
import { drawable, usual } from "./series";
import { measureWords } from "./words";

const AT_ONCE = 4;
const FIRST_FRAMES = 60;

/** What is measured of every cell, drawn over time and as a table; the whole of it as a file. */
export function MeasuresPart({ project, image, frames: size_t, branch }: { project: string; image: string; frames: number; branch: Branch }) {
  const [wanted, setWanted] = useState(Math.min(size_t, FIRST_FRAMES));
  const { frames, error } = useFrames(branch, wanted);
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [picked, setPicked] = useState<number | null>(null);
  const names = useMemo(() => drawable(frames), [frames]);
  const shown = chosen ?? usual(names);
  return (
    <Panel
      title="Measurements"
      lead={`A row for each cell in each frame, of revision ${branch.head_number} of “${branch.name}”.`}
      actions={(["csv", "parquet"] as const).map((kind) => (
        <Button key={kind} component="a" href={measuresTable(branch.id, branch.head_number, kind)} download size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />}>
          {kind === "csv" ? "CSV" : "Parquet"}
        </Button>
      ))}
    >
      <ErrorNotice error={error} />
      {frames.length < wanted && !error && <Measuring done={frames.length} all={wanted} />}
      {names.length > 0 && (
        <>
          <MultiSelect size="xs" mb="sm" aria-label="Measurements drawn" value={shown} onChange={setChosen} data={names.map((name) => ({ value: name, label: measureWords(name) }))} searchable clearable hidePickedOptions />
          {size_t > 1 && (
            <div className={classes.charts}>
              {shown.map((name) => (
                <LinesChart key={name} frames={frames} size_t={wanted} name={name} picked={picked} onPick={setPicked} />
              ))}
            </div>
          )}
          <Text size="xs" c="dimmed" mb={8}>
            {size_t > 1 && "Thin: a line for each cell; thick: the median. Choose a cell in the table or by its line to see it alone."}
          </Text>
          <MeasuresTable project={project} image={image} branch={branch} frames={frames} picked={picked} onPick={setPicked} />
          {wanted < size_t && (
            <Group mt="xs" gap="xs">
              <Button size="xs" variant="default" onClick={() => setWanted(size_t)}>
                Measure all {plural(size_t, "frame")}
              </Button>
              <Text size="xs" c="dimmed">
                The first {wanted} are shown; the files have all of them.
              </Text>
            </Group>
          )}
        </>
      )}
      {frames.length === wanted && names.length === 0 && (
        <Text size="sm" c="dimmed">
          There is no cell to measure.
        </Text>
      )}
    </Panel>
  );
}

function Measuring({ done, all }: { done: number; all: number }) {
  return (
    <Group gap="xs" mb="sm" role="status">
      <Progress value={(100 * done) / all} size="xs" w={160} aria-label="Frames measured" />
      <Text size="xs" c="dimmed" className="num">
        {done} of {plural(all, "frame")} measured
      </Text>
    </Group>
  );
}

/** Frames from the first on without a hole; a few are asked for at a time, so that the server serves others too. */
function useFrames(branch: Branch, wanted: number): { frames: Frame[]; error: Error | null } {
  const [begun, setBegun] = useState(AT_ONCE);
  const answers = useQueries({ queries: Array.from({ length: Math.min(begun, wanted) }, (_, t) => measuresQuery(branch.id, branch.head_number, t)) });
  const done = answers.findIndex((one) => one.data === undefined);
  const count = done === -1 ? answers.length : done;
  if (count + AT_ONCE > begun && begun < wanted) setBegun(Math.min(wanted, count + AT_ONCE));
  const error = answers.find((one) => one.error)?.error ?? null;
  const frames = useMemo(() => answers.slice(0, count).flatMap((one) => (one.data ? [one.data] : [])), [count, branch.id]); // eslint-disable-line react-hooks/exhaustive-deps -- frames never change once they are there
  return { frames, error };
}
