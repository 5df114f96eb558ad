import { Button } from "@mantine/core";
import { IconCircleCheck, IconEye } from "@tabler/icons-react";
import { useMemo } from "react";
import { asOne, cellWords, choiceIn, choiceWords, compareMasks, masksIn, maskWords, pointsIn, pointsOf, pointWords } from "./compare";
import { lineOfRows } from "./rows";
import type { Layer, Scene } from "./scene";
import { INKS } from "./scene";
import { Stage } from "./stage";
import type { StageSettings } from "./stage-view";
import type { Feedback, Question, Value } from "./types";
import classes from "./microtasks.module.css";

const LOOKS: StageSettings = { interaction: "look", pen: { kind: "outline", diameter_px: 1 } };

interface Told {
  readonly scene: Scene;
  readonly words: readonly string[];
  readonly legend: readonly (keyof typeof LEGEND)[];
}

const LEGEND = { right: "right", missed: "missed (striped)", extra: "too much (dotted)", truth: "the known answer" } as const;

/** What was right and what was not, drawn on the picture and said in words. */
export function FeedbackView({ question, value, feedback, onGoOn }: { question: Question; value: Value; feedback: Feedback; onGoOn: () => void }) {
  const told = useMemo(() => tell(question, value, feedback), [question, value, feedback]);
  const last = question.pictures.length - 1;
  return (
    <div className={classes.question}>
      <h2 className={classes.ask} aria-live="polite" style={{ color: feedback.right ? "var(--cyto-good)" : "var(--cyto-bad)" }}>
        {feedback.right ? <IconCircleCheck size={20} aria-hidden style={{ verticalAlign: "-3px" }} /> : <IconEye size={20} aria-hidden style={{ verticalAlign: "-3px" }} />} {feedback.right ? "Well done" : "Have a look"}
        {feedback.score !== null && !("choice" in value) && `: ${Math.round(100 * feedback.score)} %`}
      </h2>
      <Stage label={`Your answer beside the known one. ${told.words.join(" ")}`} picture={question.pictures[last]} scene={told.scene} settings={LOOKS} />
      <div aria-live="polite">
        {told.words.map((sentence) => (
          <p key={sentence} className={classes.said}>
            {sentence}
          </p>
        ))}
      </div>
      {told.legend.length > 0 && (
        <ul className={classes.legend} aria-label="Colours">
          {told.legend.map((tone) => (
            <li key={tone}>
              <svg width={18} height={14} aria-hidden>
                <rect width={18} height={14} rx={3} fill="#0b0e11" />
                <rect x={2} y={2} width={14} height={10} fill={INKS[tone]} fillOpacity={tone === "truth" ? 0 : 0.35} stroke={INKS[tone]} strokeWidth={2} strokeDasharray={tone === "truth" ? "4 3" : undefined} />
              </svg>
              {LEGEND[tone]}
            </li>
          ))}
        </ul>
      )}
      <Button size="lg" mih={52} fullWidth data-autofocus onClick={onGoOn}>
        Go on
      </Button>
    </div>
  );
}

function tell(question: Question, value: Value, feedback: Feedback): Told {
  const size = { width: question.width, height: question.height };
  const { truth } = feedback;
  if ("masks" in value) {
    const difference = compareMasks(value.masks, masksIn(truth));
    const layers: Layer[] = [
      { tone: "right", line: difference.right },
      { tone: "missed", line: difference.missed },
      { tone: "extra", line: difference.extra },
      { tone: "truth", line: asOne(masksIn(truth)) },
    ];
    const shown = layers.filter(({ line }) => line.length > 0);
    const words = masksIn(truth).length > 1 || value.masks.length > 1 ? cellWords(masksIn(truth).length, feedback) : maskWords(difference);
    return { scene: { size, layers: shown, dots: [] }, words, legend: shown.map(({ tone }) => tone as keyof typeof LEGEND) };
  }
  if ("points" in value) {
    const told = pointsOf(pointsIn(truth), feedback);
    const dots = [...told.found.map((at) => ({ tone: "right" as const, at })), ...told.missed.map((at) => ({ tone: "missed" as const, at })), ...told.extra.map((at) => ({ tone: "extra" as const, at }))];
    return { scene: { size, layers: [], dots }, words: pointWords(told), legend: [] };
  }
  const nameOf = (id: string) => question.classes.find((one) => one.id === id)?.name ?? id;
  const asked = (question.shown[question.pictures.length - 1] ?? []).map((rows) => ({ tone: "asked" as const, line: lineOfRows(rows) }));
  return { scene: { size, layers: asked, dots: [] }, words: choiceWords(question.kind, value.choice, choiceIn(truth), nameOf), legend: [] };
}
