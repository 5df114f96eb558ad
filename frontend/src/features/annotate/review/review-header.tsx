import { SegmentedControl, Text, Tooltip } from "@mantine/core";
import { useEffect } from "react";
import { plural } from "@/lib/format";
import { useShortcuts } from "@/ui/shortcuts";
import { StateBadge } from "@/ui/state-badge";
import { useQuery } from "@tanstack/react-query";
import { submittedQuery } from "@/api/review-queue";
import { useParam } from "@/ui/use-address";
import { PageButtons } from "../bench/page-buttons";
import { Trail } from "../bench/trail";
import { useEditorCommands } from "../bench/use-editor-commands";
import type { Task } from "../types";
import { useEditor, useEditorState } from "../use-editor";
import type { CompareMode } from "./compare-tiles";
import type { Draft } from "./draft";
import { REVIEW_SHORTCUTS } from "../taste/review-keys";
import { Verdict } from "./verdict";

const MODES: { value: CompareMode; label: string }[] = [
  { value: "before", label: "Before" },
  { value: "difference", label: "Difference" },
  { value: "after", label: "After" },
];

interface ReviewHeaderProps {
  task: Task;
  mode: CompareMode;
  onMode: (mode: CompareMode) => void;
  draft: Draft;
}

export function ReviewHeader({ task, mode, onMode, draft }: ReviewHeaderProps) {
  const project = useParam("projectId");
  const waiting = useQuery(submittedQuery(project)).data?.length;
  useEditorCommands();
  useShortcuts("Review", REVIEW_SHORTCUTS);
  useLabelsOnlyAfter(mode);
  return (
    <>
      <Trail />
      <StateBadge tone={task.state === "SUBMITTED" ? "wait" : "good"} title={task.title}>
        Review: {task.assignee?.name ?? "somebody"}, revision {task.submitted_number ?? "–"} against {task.base_number ?? 0}
      </StateBadge>
      <Tooltip label="White rims are the labels before. Teal was added, orange removed, yellow given to another cell.">
        <SegmentedControl size="xs" aria-label="Compare" data={MODES} value={mode} onChange={(value) => onMode(value)} />
      </Tooltip>
      {waiting !== undefined && (
        <Text span size="sm" className="num" visibleFrom="sm">
          {plural(waiting, "task")} waiting
        </Text>
      )}
      <PageButtons />
      <Verdict task={task} draft={draft} project={project} />
    </>
  );
}

/** Before shows only the older labels; Difference leaves the newer as outlines so that the colours of change stand out. */
export function useLabelsOnlyAfter(mode: CompareMode): void {
  const editor = useEditor();
  const opened = useEditorState((state) => state.document !== null);
  useEffect(() => {
    if (!opened) return;
    editor.dispatch({
      kind: "overlay.set",
      overlay: { visible: mode !== "before", outlines: true, fillOpacity: mode === "after" ? 0.35 : 0 },
    });
  }, [editor, opened, mode]);
}
