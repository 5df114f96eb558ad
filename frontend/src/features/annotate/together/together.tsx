import { Avatar, Tooltip, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useMe } from "@/api/session";
import type { Other } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorState } from "../use-editor";
import { initialsOf, namesOf } from "./others-here";
import classes from "./together.module.css";
import { useTogether } from "./use-together";

const MOST_FACES = 5;

/** Who else is in this picture; a click goes to where they are. */
export function Together() {
  const { branch } = useBench();
  const editor = useEditor();
  useTogether(editor, branch.id, useMe().id);
  const others = useEditorState((state) => state.others);
  if (others.length === 0) return null;
  return (
    <ul className={classes.faces} aria-label="Others in this picture">
      {others.slice(0, MOST_FACES).map((other) => (
        <li key={other.key}>
          <Face other={other} />
        </li>
      ))}
      {others.length > MOST_FACES && <li className={classes.more}>+{others.length - MOST_FACES}</li>}
    </ul>
  );
}

function Face({ other }: { other: Other }) {
  const editor = useEditor();
  const go = () => editor.dispatch({ kind: "frame.go", t: other.t, z: other.z });
  const sentence = `${other.name} is here${whereOf(other, useBench().image)}${workOf(other)}`;
  return (
    <Tooltip label={sentence}>
      <UnstyledButton onClick={go} aria-label={sentence} className={classes.face} data-person={other.key}>
        <Avatar size={24} radius="xl" styles={{ placeholder: { background: other.color, color: "#111418", fontSize: 10, fontWeight: 700 } }}>
          {initialsOf(other.name)}
        </Avatar>
      </UnstyledButton>
    </Tooltip>
  );
}

function whereOf({ t, z }: Other, { size_t, size_z }: { size_t: number; size_z: number }): string {
  const frame = size_t > 1 ? `, frame ${t + 1}` : "";
  return frame + (size_z > 1 ? `, plane ${z + 1}` : "");
}

const workOf = ({ cells }: Other): string => (cells.length === 0 ? "" : `, on ${cells.length === 1 ? `cell ${cells[0]}` : `${cells.length} cells`}`);

/** Says who works on the cell in hand. Nothing is forbidden: if both change it, both are asked. */
export function SharedCellNote() {
  const others = useEditorState((state) => state.others);
  const cell = useEditorState((state) => state.selected[0]);
  const isLooking = useEditorState((state) => state.tool === "select" || state.tool === "pan");
  const [dismissed, setDismissed] = useState("");
  const holders = others.filter((other) => cell !== undefined && other.cells.includes(cell));
  const note = `${namesOf(holders)} ${holders.length === 1 ? "is" : "are"} working on cell ${cell}`;
  if (holders.length === 0 || isLooking || dismissed === note) return null;
  return (
    <div className={classes.note} role="status" style={{ "--person": holders[0]?.color }}>
      {note}
      <UnstyledButton className={classes.close} aria-label="Dismiss" onClick={() => setDismissed(note)}>
        ×
      </UnstyledButton>
    </div>
  );
}
