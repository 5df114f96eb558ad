import { Button, NativeSelect, NumberInput } from "@mantine/core";
import { useState } from "react";
import type { CellFacts, Command, Scope } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorState } from "../use-editor";
import classes from "./side.module.css";

/** Of a movie's cell: where it comes from, what becomes of it, and the number of its track. */
export function TrackFacts({ cell, facts }: { cell: number; facts: CellFacts }) {
  const { image, readOnly } = useBench();
  if (image.size_t < 2) return null;
  return (
    <div className={classes.track}>
      <Kin cell={cell} facts={facts} />
      <Ending cell={cell} facts={facts} />
      {!readOnly && <Numbers key={cell} cell={cell} />}
    </div>
  );
}

function Kin({ cell, facts }: { cell: number; facts: CellFacts }) {
  const editor = useEditor();
  const { readOnly } = useBench();
  const t = useEditorState((state) => state.t);
  const { daughters, merged } = editor.kinOf(cell);
  const frames = editor.framesOf(cell);
  const before = frames.filter((at) => at < t).at(-1);
  return (
    <>
      {facts.mother !== null && (
        <p className={classes.kin}>
          <b>Mother</b>
          <CellButton cell={facts.mother} at="last" />
          {!readOnly && <Act command={{ kind: "track.remove-mother", cells: [cell] }}>Remove</Act>}
        </p>
      )}
      {daughters.length > 0 && (
        <p className={classes.kin}>
          <b>Daughters</b>
          {daughters.map((one) => (
            <CellButton key={one} cell={one} at="first" />
          ))}
        </p>
      )}
      {merged.length > 0 && (
        <p className={classes.kin}>
          <b>Took up</b>
          {merged.map((one) => (
            <CellButton key={one} cell={one} at="last" />
          ))}
        </p>
      )}
      {!readOnly && before !== undefined && frames.includes(t) && (
        <p className={classes.kin}>
          <b>Linked</b>
          <span>to frame {before}</span>
          <Act command={{ kind: "track.unlink", cell }}>Unlink here</Act>
        </p>
      )}
    </>
  );
}

/** Chooses a relative and goes to the frame in which the two meet. */
function CellButton({ cell, at }: { cell: number; at: "first" | "last" }) {
  const editor = useEditor();
  const go = () => {
    const t = editor.framesOf(cell).at(at === "first" ? 0 : -1);
    editor.dispatch({ kind: "select", cells: [cell] });
    if (t !== undefined) editor.dispatch({ kind: "frame.go", t });
  };
  return (
    <Button size="compact-xs" variant="light" onClick={go}>
      cell {cell}
    </Button>
  );
}

function Act({ command, children }: { command: Command; children: React.ReactNode }) {
  const editor = useEditor();
  return (
    <Button size="compact-xs" variant="default" onClick={() => editor.dispatch(command)}>
      {children}
    </Button>
  );
}

const ENDINGS = [
  { value: "", label: "not said" },
  { value: "death", label: "death" },
  { value: "leaves", label: "leaves the picture" },
  { value: "merged", label: "merged into …" },
];

function Ending({ cell, facts }: { cell: number; facts: CellFacts }) {
  const editor = useEditor();
  const { readOnly } = useBench();
  const [asksInto, setAsksInto] = useState(false);
  const isMerged = facts.merged_into !== null || asksInto;
  const choose = (value: string) => {
    setAsksInto(value === "merged");
    if (value !== "merged" && facts.merged_into !== null) editor.dispatch({ kind: "track.fuse", cells: [cell], into: null });
    if (value !== "merged") editor.dispatch({ kind: "track.ending", cells: [cell], ending: value === "" ? null : (value as "death" | "leaves") });
  };
  const merge = (into: string | number) => {
    if (typeof into === "number" && into > 0 && into !== facts.merged_into) editor.dispatch({ kind: "track.fuse", cells: [cell], into });
  };
  return (
    <div className={classes.kin}>
      <b>Ends by</b>
      <NativeSelect size="xs" aria-label="Ends by" disabled={readOnly} data={ENDINGS} value={isMerged ? "merged" : (facts.ending ?? "")} onChange={(event) => choose(event.currentTarget.value)} />
      {isMerged && <TypedCell label="Merged into cell" first={facts.merged_into} disabled={readOnly} onSay={merge} />}
    </div>
  );
}

/** A number that counts once it is typed to its end. */
function TypedCell({ label, first, disabled, onSay }: { label: string; first: number | null; disabled?: boolean; onSay: (cell: number | string) => void }) {
  const [value, setValue] = useState<number | string>(first ?? "");
  return (
    <NumberInput
      size="xs" w={84} hideControls min={1} allowDecimal={false} aria-label={label} placeholder="cell" disabled={disabled} value={value} onChange={setValue}
      onBlur={() => onSay(value)} onKeyDown={(event) => event.key === "Enter" && onSay(value)}
    />
  );
}

const SCOPES: readonly { value: Scope; label: string }[] = [
  { value: "future", label: "from this frame on" },
  { value: "frame", label: "in this frame" },
  { value: "past", label: "up to this frame" },
  { value: "everywhere", label: "in all frames" },
];

/** Gives the cell another number, over as many frames as is said. */
function Numbers({ cell }: { cell: number }) {
  const editor = useEditor();
  const [to, setTo] = useState<number | string>("");
  const [scope, setScope] = useState<Scope>("future");
  const give = () => editor.dispatch({ kind: "track.reassign", cell, to: typeof to === "number" ? to : "new", scope });
  return (
    <div className={classes.kin} role="group" aria-label="Give another number">
      <b>Number</b>
      <NumberInput size="xs" w={72} hideControls min={1} allowDecimal={false} aria-label="New number of the cell" placeholder="new" value={to} onChange={setTo} onKeyDown={(event) => event.key === "Enter" && give()} />
      <NativeSelect size="xs" aria-label="In which frames" data={SCOPES} value={scope} onChange={(event) => setScope(event.currentTarget.value as Scope)} />
      <Button size="compact-xs" variant="default" onClick={give}>
        Give
      </Button>
    </div>
  );
}
