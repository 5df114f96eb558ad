import { CloseButton, Kbd } from "@mantine/core";
import { classesOf, classOfDigit } from "@/editor";
import type { LabelClass } from "../types";
import { useEditor, useEditorState } from "../use-editor";
import { useBench } from "./bench-context";
import { useBenchPage } from "./bench-page";
import classes from "./bench.module.css";
import { useLetters } from "./key-names";

const digitsInUse = (labelClasses: readonly LabelClass[]) =>
  [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((digit) => {
    const one = classOfDigit(labelClasses, digit);
    return one ? [{ id: one.id, name: one.name, color: one.color, digit }] : [];
  });

/** Which digit is which class, on the picture for as long as digits are classes. A click does the same. */
export function ClassKeys() {
  const { classMode, show, act } = useBenchPage();
  const { classes: labelClasses } = useBench();
  const editor = useEditor();
  const letter = useLetters()("classes.mode");
  const first = useEditorState((state) => state.selected[0]);
  const version = useEditorState((state) => state.labelsVersion);
  if (!classMode) return null;
  const carried = first === undefined || version < 0 ? null : classesOf(editor.facts(first));
  return (
    <div className={classes.classKeys} role="group" aria-label="Class keys">
      <div className={classes.classHead}>
        Digits say the class
        <CloseButton size="sm" aria-label={letter ? `Digits are channels again (${letter})` : "Digits are channels again"} onClick={() => show({ classMode: false })} />
      </div>
      {[{ id: null as string | null, name: "No class", color: "transparent", digit: 0 }, ...digitsInUse(labelClasses)].map(({ id, name, color, digit }) => (
        <button key={digit} type="button" className={classes.classKey} aria-pressed={carried !== null && (id === null ? carried.length === 0 : carried.includes(id))} onClick={() => act(digit === 0 ? "class.none" : `class.assign-${digit}`)}>
          <Kbd size="xs">{digit}</Kbd>
          <span className={classes.dot} style={{ "--dot": color, background: color }} aria-hidden />
          {name}
        </button>
      ))}
      {labelClasses.length === 0 && <span className={classes.classNone}>This project has no classes yet.</span>}
    </div>
  );
}
