import { SegmentedControl, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { schemaQuery } from "@/api/schemas";
import { addresses } from "@/lib/addresses";
import { ButtonLink } from "@/ui/link";
import { useParam } from "@/ui/use-address";
import { Failed, Opening } from "../annotate-page";
import { PageButtons } from "../bench/page-buttons";
import { Trail } from "../bench/trail";
import { useEditorCommands } from "../bench/use-editor-commands";
import { Workbench } from "../bench/workbench";
import { RAW_PANE } from "../panes/panes-place";
import { usePanes } from "../panes/use-panes";
import { imageQuery, pixelsQuery } from "../queries";
import { StatesOverlay } from "./compare-overlay";
import type { CompareMode } from "./compare-tiles";
import { useLabelsOnlyAfter } from "./review-header";
import type { Image } from "../types";
import { CompareSide } from "./compare-side";
import { differencesQuery, namesOf } from "./differences";
import { useStates, type States } from "./use-states";

/** Two revisions, branches or raters of one image: what was added, removed and changed, on the picture and as a list. */
export function ComparePage() {
  const image = useQuery(imageQuery(useParam("imageId")));
  const { states, error } = useStates(image.data);
  if (image.error ?? error) return <Failed error={image.error ?? error} />;
  if (!image.data || !states) return <Opening what="Reading the labels" />;
  return <CompareBench key={`${states.target.branch}@${states.target.number}`} image={image.data} states={states} />;
}

type Layout = CompareMode | "beside";

function CompareBench({ image, states }: { image: Image; states: States }) {
  const project = useParam("projectId");
  const [mode, setMode] = useState<CompareMode>("difference");
  const pixels = useQuery(pixelsQuery(image.id));
  const labelClasses = useQuery(schemaQuery(project));
  const { base, target } = states;
  const differences = useQuery(differencesQuery(image.id, base, target));
  const rows = differences.data?.results;
  const namesIn = useMemo(() => (base.branch === target.branch ? undefined : namesOf(rows ?? [])), [base.branch, target.branch, rows]);
  const error = pixels.error ?? labelClasses.error;
  if (error) return <Failed error={error} />;
  if (!pixels.data || !labelClasses.data) return <Opening what="Opening the labels" />;
  return (
    <Workbench
      project={project}
      image={image}
      branch={target.of}
      classes={labelClasses.data.classes}
      pixels={pixels.data}
      revision={target.number}
      readOnly
      reviewing
      task={undefined}
      header={<CompareHeader states={states} mode={mode} onMode={setMode} />}
      side={<CompareSide states={states} query={differences} />}
      over={(namesIn === undefined || rows) && <StatesOverlay before={base} after={target} mode={mode} namesIn={namesIn} />}
    />
  );
}

const LAYOUTS: { value: Layout; label: string }[] = [
  { value: "before", label: "Before" },
  { value: "difference", label: "Difference" },
  { value: "after", label: "After" },
  { value: "beside", label: "Side by side" },
];

function CompareHeader({ states: { base, target }, mode, onMode }: { states: States; mode: CompareMode; onMode: (mode: CompareMode) => void }) {
  const project = useParam("projectId");
  const image = useParam("imageId");
  const [panes, setPanes] = usePanes();
  useEditorCommands();
  useLabelsOnlyAfter(mode);
  const labels = `${base.branch}@${base.number}`;
  const beside = panes.linked.some((pane) => pane.labels.includes("@"));
  const show = (layout: Layout) => {
    setPanes({ linked: layout === "beside" ? [{ ...RAW_PANE, labels }] : [] });
    onMode(layout === "beside" ? "after" : layout);
  };
  return (
    <>
      <Trail />
      <Tooltip label="White rims are the labels before. Teal was added, orange removed, yellow given to another cell.">
        <SegmentedControl size="xs" aria-label="Compare" data={LAYOUTS} value={beside ? "beside" : mode} onChange={(value) => show(value)} />
      </Tooltip>
      <PageButtons />
      <ButtonLink size="compact-sm" variant="default" to={addresses.annotate(project, image, { branch: target.branch })}>
        Open in the editor
      </ButtonLink>
    </>
  );
}
