import { useEffect } from "react";
import type { Choice } from "./types";
import { CHOICE_NAMES } from "./words";
import classes from "./microtasks.module.css";

/** No at the left, yes at the right, as they are swiped. */
const ORDER: readonly Choice[] = ["no", "unsure", "yes"];
const KEYS: Record<string, Choice> = { y: "yes", n: "no", u: "unsure" };

/** Three large buttons at the thumb; Y, N and U do the same. */
export function ChoiceButtons({ disabled, onChoose }: { disabled: boolean; onChoose: (choice: Choice) => void }) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const choice = KEYS[event.key.toLowerCase()];
      if (!choice || disabled || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if ((event.target as Element).closest("input, textarea, [role=dialog]")) return;
      event.preventDefault();
      onChoose(choice);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [disabled, onChoose]);
  return (
    <div className={classes.choices} role="group" aria-label="Answer">
      {ORDER.map((choice) => (
        <button key={choice} type="button" className={classes.choice} data-choice={choice} disabled={disabled} onClick={() => onChoose(choice)}>
          {CHOICE_NAMES[choice]}
          <kbd aria-hidden>{choice[0].toUpperCase()}</kbd>
        </button>
      ))}
    </div>
  );
}
