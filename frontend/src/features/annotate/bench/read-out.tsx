import { useEditorState } from "../use-editor";
import { useBench } from "./bench-context";
import classes from "./bench.module.css";
import { formatGrey } from "./grey-values";

/** What lies under the pointer. Reserved width and tabular figures: nothing jumps while the pointer moves. */
export function ReadOut() {
  const { image } = useBench();
  const hover = useEditorState((state) => state.hover);
  const t = useEditorState((state) => state.t);
  const z = useEditorState((state) => state.z);
  const zoom = useEditorState((state) => state.camera.zoom);
  return (
    <div className={classes.readout} role="group" aria-label="Under the pointer">
      <span style={{ minWidth: "11ch" }}>
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
      <span>
        cell <b>{hover && hover.cells.length > 0 ? hover.cells.join(" + ") : "–"}</b>
      </span>
      <span style={{ marginLeft: "auto" }}>{formatZoom(zoom)}</span>
    </div>
  );
}

function ChannelValues({ values }: { values: readonly (number | null)[] | null }) {
  const channels = useEditorState((state) => state.channels);
  return channels.map((channel, at) => {
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
