import { Switch } from "@mantine/core";
import { classesOf, type CellFacts } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorState } from "../use-editor";
import { Attributes } from "./attributes";
import type { CellRow, CellRows } from "./cell-rows";
import classes from "./side.module.css";
import { TrackFacts } from "./track-facts";
import { WhyLink } from "./why-link";

/** All that is known of the one selected cell; `version` says that the rows have changed. */
export function FactsPanel({ rows }: { rows: CellRows; version: number }) {
  const editor = useEditor();
  const selected = useEditorState((state) => state.selected);
  const version = useEditorState((state) => state.labelsVersion);
  const [cell] = selected;
  if (cell === undefined || selected.length > 1 || version < 0) return null;
  const facts = editor.facts(cell);
  const row = rows.get(cell);
  return (
    <section className={classes.facts} aria-label={`Cell ${cell}`}>
      <div className={classes.factsHead}>
        <b>Cell {cell}</b>
        {!facts && <span className={classes.small}>nothing drawn yet</span>}
        {facts && <Marks cell={cell} facts={facts} />}
      </div>
      {facts && <Figures cell={cell} facts={facts} row={row} />}
      {facts && <Attributes cells={selected} />}
      {facts && <TrackFacts cell={cell} facts={facts} />}
      {facts?.class && <WhyLink cell={cell} />}
    </section>
  );
}

function Marks({ cell, facts }: { cell: number; facts: CellFacts }) {
  const editor = useEditor();
  const { readOnly } = useBench();
  const set = (change: Partial<CellFacts>) => editor.dispatch({ kind: "cell.facts", cells: [cell], facts: change });
  return (
    <span className={classes.marks}>
      <Switch size="xs" label="Locked" disabled={readOnly} checked={facts.locked} onChange={(event) => set({ locked: event.currentTarget.checked })} />
      <Switch size="xs" label="Uncertain" disabled={readOnly} checked={facts.uncertain ?? false} onChange={(event) => editor.dispatch({ kind: "cell.doubt", cells: [cell], uncertain: event.currentTarget.checked })} />
      <Switch size="xs" label="Ignored" disabled={readOnly} checked={facts.ignored} onChange={(event) => set({ ignored: event.currentTarget.checked })} />
    </span>
  );
}

function Figures({ cell, facts, row }: { cell: number; facts: CellFacts; row: CellRow | undefined }) {
  const editor = useEditor();
  const { image, classes: labelClasses } = useBench();
  const measure = editor.measure(cell);
  const size_um = image.pixel_size_x_um && image.pixel_size_y_um ? image.pixel_size_x_um * image.pixel_size_y_um : null;
  const rows: [string, string | null][] = [
    ["Class", classesOf(facts).map((id) => labelClasses.find((one) => one.id === id)?.path ?? "?").join(" + ") || "none"],
    ["Area", measure ? `${measure.area_px} px${size_um ? ` · ${Number((measure.area_px * size_um).toPrecision(3))} µm²` : ""}` : "not in this frame"],
    ["Centre", measure ? `x ${measure.centroid_x.toFixed(1)}, y ${measure.centroid_y.toFixed(1)}` : null],
    ["Frames", image.size_t > 1 && row?.first !== null && row?.first !== undefined ? `${row.first}–${row.last}` : null],
    ["Outlines", facts.channel === null ? null : (image.channel_names[facts.channel] ?? `channel ${facts.channel + 1}`)],
    ["Quality", facts.quality === null ? null : facts.quality.toFixed(2)],
  ];
  return (
    <dl className={classes.figures}>
      {rows.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
