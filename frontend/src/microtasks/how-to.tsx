import { HowToPicture } from "./how-to-picture";
import type { Kind } from "./types";
import { askWords, howToSteps } from "./words";
import classes from "./microtasks.module.css";

/** What is asked and how it is done, in three sentences and a picture. */
export function HowTo({ kind, instruction }: { kind: Kind; instruction: string }) {
  return (
    <section aria-label="How it goes">
      <h2 className={classes.ask}>{askWords(kind)}</h2>
      <HowToPicture kind={kind} />
      <ol className={classes.steps}>
        {howToSteps(kind).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {instruction && <p className={classes.instruction}>{instruction}</p>}
    </section>
  );
}
