import { Button } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import type { Point } from "@/editor/painting";
import { plural } from "@/lib/format";
import { redoneCentres, startCentres, undoneCentres, withPress } from "./centres";
import type { Scene } from "./scene";
import { Stage } from "./stage";
import type { StageSettings } from "./stage-view";
import type { Question, Value } from "./types";
import { useUndoKeys } from "./use-undo-keys";
import { askWords } from "./words";
import classes from "./microtasks.module.css";

const PRESSES: StageSettings = { interaction: "press", pen: { kind: "outline", diameter_px: 1 } };

/** A tap puts a centre, a tap on a centre takes it away. */
export function CentresItem({ question, disabled, onAnswer }: { question: Question; disabled: boolean; onAnswer: (value: Value) => void }) {
  const [centres, setCentres] = useState(() => startCentres());
  const size = useMemo(() => ({ width: question.width, height: question.height }), [question]);
  const onPress = useCallback((from: Point, to: Point, reach_px: number, dragged: boolean) => setCentres((now) => withPress(now, from, to, reach_px, dragged, size)), [size]);
  const scene = useMemo<Scene>(() => ({ size, layers: [], dots: centres.points.map((at) => ({ tone: "mine", at })) }), [size, centres.points]);
  useUndoKeys(() => setCentres(undoneCentres), () => setCentres(redoneCentres));
  const count = centres.points.length;
  return (
    <div className={classes.question}>
      <h2 className={classes.ask}>{askWords("CENTRES")}</h2>
      <Stage label="Tap the middle of every cell. Two fingers zoom and move. With keys: arrows move, Space taps." picture={question.pictures[0]} scene={scene} settings={PRESSES} onPress={onPress} />
      <div className={classes.tools} role="toolbar" aria-label="Centres">
        <button type="button" className={classes.tool} disabled={centres.past.length === 0} onClick={() => setCentres(undoneCentres)}>
          <IconArrowBackUp size={20} aria-hidden />
          Undo
        </button>
        <button type="button" className={classes.tool} disabled={centres.future.length === 0} onClick={() => setCentres(redoneCentres)}>
          <IconArrowForwardUp size={20} aria-hidden />
          Redo
        </button>
      </div>
      <Button size="lg" mih={52} fullWidth variant={count === 0 ? "default" : "filled"} disabled={disabled} onClick={() => onAnswer({ points: centres.points.map(({ y, x }) => [hundredth(y), hundredth(x)] as const) })}>
        {count === 0 ? "There is no cell" : `Done, ${plural(count, "cell")}`}
      </Button>
    </div>
  );
}

const hundredth = (value: number): number => Math.round(value * 100) / 100;
