import { Button, Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { thumbnailOf } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { formatCount } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { Thumbnail } from "@/ui/thumbnail";
import { writeSpot } from "../looks/queries";
import classes from "./evaluation.module.css";
import { FAULTS_A_PAGE, faultsQuery, type EvaluationDetail, type Fault, type FaultKind } from "./queries";
import { FAULT_WORDS, placeAddress } from "./words";

const KINDS: readonly FaultKind[] = ["MERGE", "SPLIT", "MISSED", "INVENTED", "WRONG_CLASS", "LOOSE", "TOO_DARK", "TOO_BRIGHT", "MISSED_DIVISION", "INVENTED_DIVISION", "MISSING_LINK", "WRONG_LINK", "CHANGED_LINK"];

/** What was wrong, the most harmful first; each opens the editor at its place. */
export function WorstCases({ evaluation, explains }: { evaluation: EvaluationDetail; explains: boolean }) {
  const [kind, setKind] = useState<FaultKind | null>(null);
  const [offset, setOffset] = useState(0);
  const query = useQuery({ ...faultsQuery(evaluation.id, kind, offset), placeholderData: keepPreviousData });
  const count = query.data?.count ?? 0;
  const choose = (value: string) => {
    setKind(value === "ALL" ? null : (value as FaultKind));
    setOffset(0);
  };
  return (
    <section aria-labelledby="worst">
      <Group justify="space-between" gap="xs" mb={8}>
        <h3 className={classes.heading} id="worst">
          Worst cases
        </h3>
        <SegmentedControl size="xs" value={kind ?? "ALL"} onChange={choose} aria-label="Which cases" data={[{ value: "ALL", label: "All" }, ...choices(evaluation)]} className={classes.kinds} />
      </Group>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Skeleton height={160} />}
      {query.data && count === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was wrong.
        </Text>
      )}
      <ul className={classes.cases}>
        {query.data?.faults.map((fault) => (
          <Case key={fault.id} project={evaluation.project} fault={fault} explainer={explains ? evaluation.trained_model : null} />
        ))}
      </ul>
      {count > FAULTS_A_PAGE && (
        <Group gap="xs" mt="xs">
          <Button size="compact-sm" variant="default" disabled={offset === 0} onClick={() => setOffset(offset - FAULTS_A_PAGE)}>
            Worse
          </Button>
          <Button size="compact-sm" variant="default" disabled={offset + FAULTS_A_PAGE >= count} onClick={() => setOffset(offset + FAULTS_A_PAGE)}>
            Less bad
          </Button>
          <Text size="xs" c="dimmed" className="num">
            {formatCount(offset + 1)} to {formatCount(Math.min(count, offset + FAULTS_A_PAGE))} of {formatCount(count)}
          </Text>
        </Group>
      )}
    </section>
  );
}

const choices = (evaluation: EvaluationDetail) =>
  [...KINDS, "FRAME" as const]
    .filter((kind) => kind === "FRAME" || (evaluation.tallies[kind] ?? 0) > 0)
    .map((kind) => ({ value: kind, label: kind === "FRAME" ? "Frames" : `${FAULT_WORDS[kind].many} ${formatCount(evaluation.tallies[kind] ?? 0)}` }));

/** What was missed is shown where it is known: on the true labels; everything else on the prediction. */
function Case({ project, fault, explainer }: { project: string; fault: Fault; explainer: string | null }) {
  const onTruth = fault.predicted_cells.length === 0 && fault.truth_cells.length > 0;
  const where = onTruth ? { branch: fault.truth_branch, revision: fault.truth_revision, cells: fault.truth_cells } : { branch: fault.branch, revision: fault.revision, cells: fault.predicted_cells };
  const { one } = FAULT_WORDS[fault.kind];
  return (
    <li>
      <TextLink {...placeAddress(project, { ...fault, ...where, image: fault.shown })} underline="never" c="inherit" className={classes.case} title={`${fault.image_name}: ${one}`}>
        <Thumbnail src={thumbnailOf(fault.image)} size={44} />
        <span className={classes.words}>
          <b>{one}</b> {explain(fault)}
          <small className={classes.name}>{fault.image_name}</small>
          <small className="num">
            t {fault.t}, z {fault.z}, y {fault.y}, x {fault.x}
          </small>
        </span>
      </TextLink>
      {explainer && fault.kind === "WRONG_CLASS" && (
        <TextLink to={addresses.model(project, explainer)} search={{ why: whyOf(fault) }} hash="looks" size="xs" aria-label={`Why cell ${fault.predicted_cells[0] ?? 0} of ${fault.image_name} was told its class`}>
          Why?
        </TextLink>
      )}
    </li>
  );
}

const whyOf = ({ image, t, z, predicted_cells, branch, revision }: Fault): string => writeSpot({ image, t, z, cell: predicted_cells[0] ?? 0, branch: branch ?? undefined, revision: revision ?? undefined });

function explain(fault: Fault): string {
  switch (fault.kind) {
    case "MERGE":
      return `${fault.truth_cells.length} cells in one`;
    case "SPLIT":
      return `into ${fault.predicted_cells.length}`;
    case "LOOSE":
    case "WRONG_CLASS":
      return `IoU ${(fault.iou ?? 0).toFixed(2)}`;
    case "FRAME":
      return `${formatCount(fault.size_px)} faults`;
    case "TOO_BRIGHT":
    case "TOO_DARK":
      return `by ${Math.round(fault.harm * 100)} % of the range`;
    default:
      return fault.iou ? `best IoU ${fault.iou.toFixed(2)}` : "nothing near";
  }
}
