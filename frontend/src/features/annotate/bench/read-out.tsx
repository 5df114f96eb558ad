import { classesOf } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import { useBench } from "./bench-context";
import classes from "./bench.module.css";
import { formatGrey } from "./grey-values";
import { TOOL_WORDS } from "./tool-words";

/** What to do next, and what lies under the pointer. Reserved width and tabular figures: nothing jumps while the pointer moves. */
export function ReadOut() {
  const { image } = useBench();
  const hover = useEditorState((state) => state.hover);
  const t = useEditorState((state) => state.t);
  const z = useEditorState((state) => state.z);
  const zoom = useEditorState((state) => state.camera.zoom);
  return (
    <div className={classes.readout} role="group" aria-label="Status">
      <span style={{ minWidth: "14ch" }}>
        x <b>{hover?.x ?? "–"}</b> y <b>{hover?.y ?? "–"}</b>
      </span>
      {image.size_t > 1 && (
        <span>
          t <b>{t}</b>
        </span>
      )}
      {image.size_z > 1 && (
        <span>
          z <b>{z}</b>
        </span>
      )}
      <ChannelValues values={hover?.values ?? null} />
      <CellUnder cell={hover?.cells[0]} others={(hover?.cells.length ?? 1) - 1} />
      <Hint />
      <span>{formatZoom(zoom)}</span>
    </div>
  );
}

/** A gesture's next step, or what the tool is for. */
function Hint() {
  const { readOnly } = useBench();
  const hint = useEditorState((state) => state.draft?.hint ?? null);
  const tool = useEditorState((state) => state.tool);
  const cursor = useEditorState((state) => state.cursor !== null);
  const otherwise = cursor ? "Keys point: arrows move, Space clicks, Shift+Space holds, Enter accepts" : readOnly ? "" : TOOL_WORDS[tool];
  return (
    <span className={classes.hint} data-now={hint !== null || undefined} title={hint ?? otherwise}>
      {hint ?? otherwise}
    </span>
  );
}

function CellUnder({ cell, others }: { cell: number | undefined; others: number }) {
  const editor = useEditor();
  const { classes: labelClasses } = useBench();
  const version = useEditorState((state) => state.labelsVersion);
  if (cell === undefined || version < 0) {
    return (
      <span className={classes.cellUnder}>
        cell <b>–</b>
      </span>
    );
  }
  const facts = editor.facts(cell);
  const name = classesOf(facts).map((id) => labelClasses.find((one) => one.id === id)?.name ?? "?").join(" + ");
  const area = editor.measure(cell)?.area_px;
  return (
    <span className={classes.cellUnder}>
      cell <b>{cell}</b>
      {others > 0 && ` + ${others}`}
      {name && ` · ${name}`}
      {area !== undefined && ` · ${area} px`}
      {facts?.locked && " · locked"}
      {facts?.ignored && " · ignored"}
      {facts?.uncertain && " · uncertain"}
    </span>
  );
}

/** Of an image with more channels only those that are shown are read out. */
const MOST_VALUES = 8;

function ChannelValues({ values }: { values: readonly (number | null)[] | null }) {
  const channels = useEditorState((state) => state.channels);
  return channels.map((channel, at) => {
    if (!channel.visible && channels.length > MOST_VALUES) return null;
    const value = values?.[at];
    return (
      <span key={at} className={classes.value} title={channel.name}>
        <span className={classes.dot} style={{ "--dot": channel.color, width: 8, height: 8 }} aria-hidden />
        <b style={{ minWidth: "5ch" }}>{value == null ? "–" : formatGrey(value)}</b>
      </span>
    );
  });
}

function formatZoom(zoom: number): string {
  return zoom >= 1 ? `${Number(zoom.toPrecision(3))} ×` : `1/${Number((1 / zoom).toPrecision(2))} ×`;
}
