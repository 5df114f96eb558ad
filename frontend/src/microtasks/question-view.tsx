import { CentresItem } from "./centres-item";
import { ChoiceItem } from "./choice-item";
import { ClassItem } from "./class-item";
import { DrawItem } from "./draw-item";
import type { Question, Value } from "./types";

/** One question of any kind, as a worker sees it. Give it a key: what was begun belongs to one question. */
export function QuestionView(props: { question: Question; disabled: boolean; onAnswer: (value: Value) => void }) {
  switch (props.question.kind) {
    case "OUTLINE":
    case "FIX":
      return <DrawItem {...props} />;
    case "CENTRES":
      return <CentresItem {...props} />;
    case "CLASS":
      return <ClassItem {...props} />;
    case "CELL":
    case "SAME":
    case "DIVIDED":
      return <ChoiceItem {...props} />;
  }
}
