import { useEffect } from "react";
import { useAskedScene } from "./choice-item";
import { Stage } from "./stage";
import type { StageSettings } from "./stage-view";
import type { Question, Value } from "./types";
import { askWords } from "./words";
import classes from "./microtasks.module.css";

const LOOKS: StageSettings = { interaction: "look", pen: { kind: "outline", diameter_px: 1 } };

/** One of the project's classes; the digits 1 to 9 and U do the same as the buttons. */
export function ClassItem({ question, disabled, onAnswer }: { question: Question; disabled: boolean; onAnswer: (value: Value) => void }) {
  const scene = useAskedScene(question, 0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (disabled || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if ((event.target as Element).closest("input, textarea, [role=dialog]")) return;
      const chosen = event.key.toLowerCase() === "u" ? "unsure" : question.classes[Number(event.key) - 1]?.id;
      if (chosen === undefined) return;
      event.preventDefault();
      onAnswer({ choice: chosen });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [disabled, onAnswer, question]);
  return (
    <div className={classes.question}>
      <h2 className={classes.ask}>{askWords("CLASS")}</h2>
      <Stage label="The cell in question is outlined. Two fingers zoom." picture={question.pictures[0]} scene={scene} settings={LOOKS} />
      <div className={classes.classes} role="group" aria-label="Answer">
        {question.classes.map(({ id, name, color, examples }) => (
          <button key={id} type="button" className={classes.class} style={{ "--class-colour": color }} disabled={disabled} onClick={() => onAnswer({ choice: id })}>
            {examples.slice(0, 1).map((address) => (
              <img key={address} src={address} alt="" />
            ))}
            {name}
          </button>
        ))}
        <button type="button" className={classes.class} disabled={disabled} onClick={() => onAnswer({ choice: "unsure" })}>
          Not sure
        </button>
      </div>
    </div>
  );
}
