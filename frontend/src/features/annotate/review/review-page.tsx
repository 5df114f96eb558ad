import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useParam } from "@/ui/use-address";
import { Failed, Opening } from "../annotate-page";
import { Workbench } from "../bench/workbench";
import { schemaQuery } from "@/api/schemas";
import { branchQuery, imageQuery, notesQuery, pixelsQuery, taskQuery } from "../queries";
import type { Task } from "../types";
import { CompareOverlay } from "./compare-overlay";
import type { CompareMode } from "./compare-tiles";
import { EMPTY_DRAFT, type Draft } from "./draft";
import { PinCatcher } from "./pin-catcher";
import { pinsOf } from "./note-pins";
import { Pins, type Pin } from "./pins";
import { ReviewHeader } from "./review-header";
import { ReviewSide } from "./review-side";

/** One submitted revision against the one it began from, read only, with a verdict to give. */
export function ReviewPage() {
  const project = useParam("projectId");
  const taskId = useParam("taskId");
  const task = useQuery(taskQuery(taskId));
  if (task.error) return <Failed error={task.error} />;
  if (!task.data) return <Opening what="Reading the task" />;
  return <ReviewBench key={taskId} project={project} task={task.data} />;
}

function ReviewBench({ project, task }: { project: string; task: Task }) {
  const [mode, setMode] = useState<CompareMode>("difference");
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [pinning, setPinning] = useState(false);
  const image = useQuery(imageQuery(task.image.id));
  const branch = useQuery(branchQuery(task.branch.id));
  const pixels = useQuery(pixelsQuery(task.image.id));
  const labelClasses = useQuery(schemaQuery(project));
  const pins = usePins(task.id, draft);
  const error = image.error ?? branch.error ?? pixels.error ?? labelClasses.error;
  if (error) return <Failed error={error} />;
  if (!image.data || !branch.data || !pixels.data || !labelClasses.data) return <Opening what="Opening the labels" />;
  const after = task.submitted_number ?? branch.data.head_number;
  const before = task.base_number ?? 0;
  return (
    <Workbench
      project={project}
      image={image.data}
      branch={branch.data}
      classes={labelClasses.data.classes}
      pixels={pixels.data}
      revision={after}
      readOnly
      reviewing
      task={task.id}
      header={<ReviewHeader task={task} mode={mode} onMode={setMode} draft={draft} />}
      side={<ReviewSide task={task} draft={draft} onDraft={setDraft} pinning={pinning} onPinning={setPinning} />}
      over={
        <>
          <CompareOverlay before={before} after={after} mode={mode} />
          <Pins pins={pins} />
          {pinning && <PinCatcher draft={draft} onDraft={setDraft} onDone={() => setPinning(false)} />}
        </>
      }
      onAction={clickAnswer}
    />
  );
}

/** The verdict's buttons carry their keys' action, so that a key and a click take the same way. */
function clickAnswer(action: string): void {
  document.querySelector<HTMLElement>(`[data-action="${action}"]`)?.click();
}

function usePins(task: string, draft: Draft): Pin[] {
  const notes = useQuery(notesQuery(task)).data;
  return useMemo(() => {
    const old = pinsOf(notes ?? []);
    const fresh = draft.notes.map(({ key, t, z, y, x }, at) => ({ key: `draft-${key}`, t, z, y, x, label: String(at + 1) }));
    return [...old, ...fresh];
  }, [notes, draft]);
}
