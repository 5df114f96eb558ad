import { Text, Title } from "@mantine/core";
import { IconEyeCheck, IconPencil, IconPhoto, IconTopologyStar3, IconWand, type Icon } from "@tabler/icons-react";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { STEPS, type LoopCounts, type Step } from "@/lib/next-step";
import { TextLink } from "@/ui/link";
import classes from "./loop.module.css";

interface StepView {
  name: string;
  icon: Icon;
  figure: number;
  unit: string;
  rest: string;
  address: string;
}

/** The five steps on one line, and the way back from review to training that makes it a loop. */
export function Loop({ project, counts, next }: { project: string; counts: LoopCounts; next: Step }) {
  const views = viewsOf(project, counts);
  return (
    <section aria-label="The loop of this project" className={classes.loop}>
      <ol className={classes.steps}>
        {STEPS.map((step) => (
          <StepNode key={step} view={views[step]} isNext={step === next} isDone={views[step].figure > 0} />
        ))}
      </ol>
      <div className={classes.back} aria-hidden>
        <span className={classes.backWords}>accepted labels teach the next model</span>
      </div>
    </section>
  );
}

function StepNode({ view, isNext, isDone }: { view: StepView; isNext: boolean; isDone: boolean }) {
  return (
    <li className={classes.step} data-next={isNext} data-done={isDone} aria-current={isNext ? "step" : undefined}>
      <span className={classes.node} aria-hidden>
        <view.icon size={20} stroke={1.6} />
      </span>
      <div className={classes.words}>
        <Title order={2} size="h6">
          <TextLink to={view.address} inherit c="inherit" underline="hover" className={classes.cover}>
            {view.name}
          </TextLink>
        </Title>
        <Text className={classes.figure}>
          {formatCount(view.figure)} <span className={classes.unit}>{view.unit}</span>
        </Text>
        <Text size="xs" c="dimmed">
          {view.rest}
        </Text>
      </div>
    </li>
  );
}

function viewsOf(project: string, counts: LoopCounts): Record<Step, StepView> {
  const { images, labelled, accepted, toLabel, toCorrect, toReview, models, jobsRunning } = counts;
  return {
    images: { name: "Images", icon: IconPhoto, figure: images, unit: images === 1 ? "image" : "images", rest: restOf(images - labelled, "without labels", "all with labels", images), address: addresses.datasets(project) },
    labels: { name: "Labels", icon: IconPencil, figure: labelled, unit: "labelled", rest: toLabel ? `${plural(toLabel, "task")} to label` : `${formatCount(accepted)} accepted`, address: addresses.tasks(project, { kind: "LABEL" }) },
    train: { name: "Train", icon: IconTopologyStar3, figure: models, unit: models === 1 ? "model" : "models", rest: jobsRunning ? `${plural(jobsRunning, "job")} at work` : "nothing running", address: models ? addresses.models(project) : addresses.training(project) },
    correct: { name: "Correct", icon: IconWand, figure: toCorrect, unit: "to correct", rest: models ? "the model's proposals" : "needs a model first", address: addresses.tasks(project, { kind: "CORRECT" }) },
    review: { name: "Review", icon: IconEyeCheck, figure: toReview, unit: "to review", rest: `${formatCount(accepted)} accepted so far`, address: addresses.reviews(project) },
  };
}

function restOf(open: number, words: string, allDone: string, total: number): string {
  if (total === 0) return "none yet";
  return open > 0 ? `${formatCount(open)} ${words}` : allDone;
}
