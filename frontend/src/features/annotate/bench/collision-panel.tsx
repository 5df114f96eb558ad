import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { plural } from "@/lib/format";
import type { Collision } from "../saving/pile";
import { unsentEdits } from "../saving/pile";
import { useSaveState } from "../saving/use-autosave";
import { useEditor } from "../use-editor";
import { useBench } from "./bench-context";
import classes from "./bench.module.css";

/** Somebody changed the same cells: the person decides, and until then nothing is thrown away. */
export function CollisionPanel() {
  const { autosave } = useBench();
  const save = useSaveState(autosave);
  if (!autosave) return null;
  if (save.kind === "refused") return <RefusedEdits reason={save.reason} />;
  if (save.kind !== "conflict") return null;
  return (
    <div className={classes.notice} role="alertdialog" aria-label="Colliding changes" style={{ "--tone": "var(--cyto-wait)" }}>
      <div>
        Somebody else changed <CellLinks collisions={save.collisions} /> while you did. {plural(save.edits, "edit")} of yours {save.edits === 1 ? "waits" : "wait"} here until you decide.
      </div>
      <Group gap={6} wrap="nowrap">
        <Button size="compact-sm" onClick={() => void autosave.keepMine()}>
          Keep mine
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void autosave.takeTheirs()}>
          Take theirs
        </Button>
      </Group>
    </div>
  );
}

function CellLinks({ collisions }: { collisions: readonly Collision[] }) {
  const editor = useEditor();
  const cells = [...new Map(collisions.map((collision) => [collision.cell, collision])).values()];
  const go = ({ cell, t, z }: Collision) => {
    if (t !== null && z !== null) editor.dispatch({ kind: "frame.go", t, z });
    editor.dispatch({ kind: "select", cells: [cell] });
    void editor.settled().then(() => editor.dispatch({ kind: "camera.centre", cell }));
  };
  return (
    <>
      {cells.slice(0, 6).map((collision, at) => (
        <span key={collision.cell}>
          {at > 0 && ", "}
          <Button size="compact-xs" variant="subtle" onClick={() => go(collision)}>
            cell {collision.cell}
          </Button>
        </span>
      ))}
      {cells.length > 6 && ` and ${cells.length - 6} more`}
    </>
  );
}

/** The server will never take these edits: they can be kept as a file before they are let go. */
function RefusedEdits({ reason }: { reason: string }) {
  const { autosave, image } = useBench();
  const [kept, setKept] = useState(false);
  if (!autosave) return null;
  const keep = () => {
    const file = new Blob([JSON.stringify(unsentEdits(autosave.pile()))], { type: "application/json" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${image.name} unsent edits.json` });
    link.click();
    URL.revokeObjectURL(link.href);
    setKept(true);
  };
  return (
    <div className={classes.notice} role="alertdialog" aria-label="Edits refused" style={{ "--tone": "var(--cyto-bad)" }}>
      <div>The server does not take your last edits: {reason}</div>
      <Group gap={6} wrap="nowrap">
        <Button size="compact-sm" onClick={keep}>
          Save them as a file
        </Button>
        <Button size="compact-sm" variant="default" disabled={!kept} onClick={() => autosave.dropRefused()}>
          Let them go
        </Button>
      </Group>
    </div>
  );
}
