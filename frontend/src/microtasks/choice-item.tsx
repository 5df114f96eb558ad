import { SegmentedControl } from "@mantine/core";
import { useInterval, useReducedMotion } from "@mantine/hooks";
import { useCallback, useMemo, useState } from "react";
import { ChoiceButtons } from "./choice-buttons";
import { lineOfRows } from "./rows";
import type { Scene } from "./scene";
import { Stage } from "./stage";
import type { StageSettings } from "./stage-view";
import { swipeMeans } from "./swipe";
import { type Choice, type Question, type Value } from "./types";
import { askWords, CHOICE_NAMES } from "./words";
import classes from "./microtasks.module.css";

const SWIPES: StageSettings = { interaction: "swipe", pen: { kind: "outline", diameter_px: 1 } };
const BLINK_MS = 650;
const MOMENTS = ["Before", "After"] as const;

/** A question of yes and no about one crop, or about two moments of one place. */
export function ChoiceItem({ question, disabled, onAnswer }: { question: Question; disabled: boolean; onAnswer: (value: Value) => void }) {
  const choose = useCallback((choice: Choice) => onAnswer({ choice }), [onAnswer]);
  const [pulled, setPulled] = useState<{ dx: number; dy: number } | null>(null);
  const onSwipe = useCallback(
    (dx: number, dy: number, done: boolean) => {
      const means = swipeMeans(dx, dy);
      setPulled(done ? null : { dx, dy });
      if (done && means && !disabled) choose(means);
    },
    [choose, disabled],
  );
  const meant = pulled && swipeMeans(pulled.dx, pulled.dy);
  return (
    <div className={classes.question}>
      <h2 className={classes.ask}>{askWords(question.kind)}</h2>
      <div className={classes.card} data-free={pulled ? undefined : true} style={pulled ? { transform: `translate(${pulled.dx * 0.5}px, ${Math.min(0, pulled.dy) * 0.4}px) rotate(${pulled.dx * 0.02}deg)` } : undefined}>
        {meant && <span className={classes.verdict}>{CHOICE_NAMES[meant]}</span>}
        {question.pictures.length > 1 ? <Pair question={question} onSwipe={onSwipe} /> : <Single question={question} end={0} onSwipe={onSwipe} />}
      </div>
      <ChoiceButtons disabled={disabled} onChoose={choose} />
    </div>
  );
}

type OnSwipe = (dx: number, dy: number, done: boolean) => void;

function Single({ question, end, onSwipe, zoomable = true }: { question: Question; end: number; onSwipe: OnSwipe; zoomable?: boolean }) {
  const scene = useAskedScene(question, end);
  return <Stage label={`${askWords(question.kind)} ${question.pictures.length > 1 ? `${MOMENTS[end]}. ` : ""}The cell in question is outlined. Two fingers zoom.`} picture={question.pictures[end]} scene={scene} settings={SWIPES} zoomable={zoomable} onSwipe={onSwipe} />;
}

export function useAskedScene(question: Question, end: number): Scene {
  return useMemo<Scene>(
    () => ({
      size: { width: question.width, height: question.height },
      layers: (question.shown[end] ?? []).map((rows) => ({ tone: "asked", line: lineOfRows(rows) })),
      dots: [],
    }),
    [question, end],
  );
}

/** Both moments at once, or in turn at one place: what has moved jumps to the eye. */
function Pair({ question, onSwipe }: { question: Question; onSwipe: OnSwipe }) {
  const [way, setWay] = useState<"beside" | "blink">("beside");
  const [end, setEnd] = useState(0);
  const still = useReducedMotion();
  useInterval(() => setEnd((now) => 1 - now), way === "blink" && !still ? BLINK_MS : 86_400_000, { autoInvoke: true });
  return (
    <>
      <SegmentedControl
        size="md"
        fullWidth
        aria-label="How the pictures are shown"
        value={way}
        onChange={(value) => setWay(value)}
        data={[
          { value: "beside", label: "Both" },
          { value: "blink", label: "Blink" },
        ]}
      />
      {way === "beside" ? (
        <div className={classes.pair} data-tall={question.width > question.height ? true : undefined}>
          {MOMENTS.map((moment, at) => (
            <div key={moment} className={classes.half}>
              <span>{moment}</span>
              <Single question={question} end={at} onSwipe={onSwipe} zoomable={false} />
            </div>
          ))}
        </div>
      ) : (
        <div className={classes.half} style={{ flex: 1 }}>
          <button type="button" className={classes.tool} aria-live="off" onClick={() => setEnd((now) => 1 - now)}>
            {MOMENTS[end]}, tap for the other
          </button>
          <Single question={question} end={end} onSwipe={onSwipe} />
        </div>
      )}
    </>
  );
}
