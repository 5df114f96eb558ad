import { CloseButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useEditorState } from "../use-editor";
import classes from "./bench.module.css";

const SHOWN_MS = 6_000;

/** Why the editor did not do what was asked, for a few seconds; and that an old state is only looked at. */
export function EditorNotice({ past }: { past: number | undefined }) {
  const notice = useEditorState((state) => state.notice);
  const [dismissed, setDismissed] = useState(0);
  const number = notice?.number ?? 0;
  useEffect(() => {
    const timer = setTimeout(() => setDismissed(number), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [number]);
  return (
    <>
      {past !== undefined && (
        <div className={classes.notice} role="status">
          You are looking at revision {past}. Nothing can be changed here.
        </div>
      )}
      {notice && dismissed < notice.number && (
        <div className={classes.notice} role="alert" style={{ "--tone": notice.kind === "failed" ? "var(--cyto-bad)" : "var(--cyto-wait)" }}>
          {notice.text}
          <CloseButton size="sm" aria-label="Dismiss" onClick={() => setDismissed(notice.number)} />
        </div>
      )}
    </>
  );
}
