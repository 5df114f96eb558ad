import { Button, CloseButton } from "@mantine/core";
import { useEffect } from "react";
import { useEditor } from "../use-editor";
import classes from "./bench.module.css";
import { useBenchPage, type PageNotice } from "./bench-page";

const SHOWN_MS = 10_000;

/** What the page has to say about what was just done, with the way back where there is one. */
export function PageNotices() {
  const { notices } = useBenchPage();
  return notices.map((notice) => <Entry key={notice.key} notice={notice} />);
}

function Entry({ notice }: { notice: PageNotice }) {
  const editor = useEditor();
  const { notices, show } = useBenchPage();
  const leave = () => show({ notices: notices.filter(({ key }) => key !== notice.key) });
  useEffect(() => {
    const timer = setTimeout(leave, SHOWN_MS);
    return () => clearTimeout(timer);
    // Once, from when it appears: others that come and go do not begin its time anew.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [notice.key]);
  const undo = () => {
    editor.undo();
    leave();
  };
  return (
    <div className={classes.notice} role="status">
      {notice.text}
      {notice.undo && (
        <Button size="compact-xs" variant="light" onClick={undo}>
          Undo
        </Button>
      )}
      <CloseButton size="sm" aria-label="Dismiss" onClick={leave} />
    </div>
  );
}
