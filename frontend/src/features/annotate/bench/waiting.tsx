import { Loader } from "@mantine/core";
import { useSaveState } from "../saving/use-autosave";
import { useEditorState } from "../use-editor";
import { useBench } from "./bench-context";
import classes from "./bench.module.css";

/** Whatever takes longer than a third of a second says what it is (the style waits that long before it shows). */
export function Waiting() {
  const { autosave } = useBench();
  const saving = useSaveState(autosave).kind === "saving";
  const opened = useEditorState((state) => state.document !== null);
  const pixels = useEditorState((state) => state.loading.pixels > 0);
  const labels = useEditorState((state) => state.loading.labels > 0);
  const computing = useEditorState((state) => state.draft?.waiting ?? false);
  const hint = useEditorState((state) => state.draft?.hint ?? null);
  const words = [
    !opened && "Opening the image",
    opened && pixels && "Reading the picture",
    opened && labels && "Reading the labels",
    computing && (hint ?? "Computing a proposal"),
    saving && "Saving",
  ].filter((word): word is string => typeof word === "string");
  return (
    <div className={classes.waiting} role="status" aria-label="What is being waited for">
      {words.map((word) => (
        <span key={word} className={classes.wait}>
          <Loader size={12} aria-hidden />
          {word.replace(/[ .…]+$/, "")} …
        </span>
      ))}
    </div>
  );
}
