import { UnstyledButton } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { isModifierKey, nameOfKey } from "@/editor";
import classes from "./taste.module.css";

interface KeyCaptureProps {
  what: string;
  onKey: (key: string) => void;
  onCancel: () => void;
}

/** Hears the next key, whatever it is; Esc leaves everything as it was. */
export function KeyCapture({ what, onKey, onCancel }: KeyCaptureProps) {
  const hear = (event: KeyboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") onCancel();
    else if (!isModifierKey(event.key)) onKey(nameOfKey(event.nativeEvent));
  };
  return (
    <UnstyledButton className={classes.capture} autoFocus aria-label={`Press the new key for ${what}; Esc cancels`} onKeyDown={hear} onKeyUp={(event) => event.preventDefault()} onBlur={onCancel}>
      Press a key …
    </UnstyledButton>
  );
}
