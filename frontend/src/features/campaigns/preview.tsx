import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { thumbnailOf, type Image } from "@/api/datasets";
import type { TreeClass } from "@/api/schemas";
import { fillPolygon, lineOfRuns } from "@/editor/painting";
import { ConsentView } from "@/microtasks/consent-view";
import { FeedbackView } from "@/microtasks/feedback-view";
import { HowTo } from "@/microtasks/how-to";
import { QuestionView } from "@/microtasks/question-view";
import { rowsOfLine } from "@/microtasks/rows";
import type { Question, Value } from "@/microtasks/types";
import type { Plan } from "./plan";
import classes from "./campaigns.module.css";

type Named = Pick<TreeClass, "id" | "name" | "color">;
type Sheet = "consent" | "how-to" | "question";

/** What a worker sees, on the owner's own picture; it can be tried, and nothing is kept. */
export function Preview({ plan, image, labelClasses }: { plan: Plan; image: Image | undefined; labelClasses: readonly Named[] }) {
  const [sheet, setSheet] = useState<Sheet>("question");
  const [given, setGiven] = useState<Value | null>(null);
  const question = useMemo(() => exampleOf(plan, image, labelClasses), [plan, image, labelClasses]);
  const show = (next: Sheet) => {
    setSheet(next);
    setGiven(null);
  };
  return (
    <Stack gap="xs" component="section" aria-label="What a worker sees">
      <SegmentedControl
        size="xs"
        aria-label="Preview"
        value={sheet}
        onChange={(value) => show(value)}
        data={[
          { value: "consent", label: "Consent" },
          { value: "how-to", label: "How-to" },
          { value: "question", label: "Question" },
        ]}
      />
      <div className={classes.phone}>
        {sheet === "consent" && <ConsentView title={plan.title || plan.name || "Your campaign"} instruction={plan.instruction} consent={plan.consent} kinds={[plan.kind]} training_count={plan.training} onAgree={() => show("how-to")} />}
        {sheet === "how-to" && <HowTo kind={plan.kind} instruction={plan.instruction} />}
        {sheet === "question" && given === null && <QuestionView key={plan.kind} question={question} disabled={false} onAnswer={setGiven} />}
        {sheet === "question" && given !== null && (
          <FeedbackView question={question} value={given} feedback={{ right: true, score: null, truth: truthOf(question, given), regions: [] }} onGoOn={() => setGiven(null)} />
        )}
      </div>
      <Text size="xs" c="dimmed">
        Try it: draw, tap, swipe. The outline is an example; the questions are cut from your labels.
      </Text>
    </Stack>
  );
}

const SIDE_PX = 128;

function exampleOf(plan: Plan, image: Image | undefined, labelClasses: readonly Named[]): Question {
  const ratio = image && image.size_x > 0 ? image.size_y / image.size_x : 1;
  const [width, height] = ratio <= 1 ? [SIDE_PX, Math.max(16, Math.round(SIDE_PX * ratio))] : [Math.max(16, Math.round(SIDE_PX / ratio)), SIDE_PX];
  const disc = circle(width / 2, height / 2, Math.min(width, height) / 5);
  const isPair = plan.kind === "SAME" || plan.kind === "DIVIDED";
  const asks = plan.kind !== "CENTRES" && (plan.kind !== "OUTLINE" || plan.perCell);
  const picture = image ? thumbnailOf(image.id) : "";
  return {
    kind: plan.kind,
    height,
    width,
    pictures: isPair ? [picture, picture] : [picture],
    shown: [asks ? [disc] : [], asks ? [circle(width / 2 + 3, height / 2, Math.min(width, height) / 5)] : []],
    classes: labelClasses.map(({ id, name, color }) => ({ id, name, color: color ?? "", examples: [] })),
    single: plan.kind === "FIX" || plan.perCell,
  };
}

function circle(x: number, y: number, radius: number) {
  const corners = Array.from({ length: 32 }, (_, i) => ({ x: x + radius * Math.cos((i * Math.PI) / 16), y: y + radius * Math.sin((i * Math.PI) / 16) }));
  return rowsOfLine(lineOfRuns(fillPolygon(corners)));
}

/** In the preview nothing is known: an outline is compared with the example, the rest with itself. */
const truthOf = (question: Question, given: Value): Value => ("masks" in given && question.kind === "FIX" ? { masks: question.shown[0] ?? [] } : given);
