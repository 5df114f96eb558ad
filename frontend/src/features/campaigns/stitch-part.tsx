import { Button, Checkbox, Group, MultiSelect, Progress, Slider, Stack, Table, Text } from "@mantine/core";
import { IconDownload, IconNeedleThread, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import type { Kind } from "@/microtasks/types";
import { KIND_NAMES } from "@/microtasks/words";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { Panel } from "@/ui/panel";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import { Histogram } from "./plots";
import { answerTable, isStitching, reckon, stitch, type Campaign, type Draft, type Results, type Stitching } from "./queries";
import { useCampaignChange } from "./use-campaign-change";
import { sharePercent } from "./words";

/** What the answers become: drafts of labels that an expert reviews, link by link and cell by cell. */
export function StitchPart({ project, campaign, results, mayManage }: { project: string; campaign: Campaign; results: Results | undefined; mayManage: boolean }) {
  const again = useCampaignChange(() => reckon(campaign.id), () => toast.done("All answers were weighed anew."));
  return (
    <Stack gap="md">
      {mayManage && <StitchForm project={project} campaign={campaign} results={results} />}
      <Panel
        title="Drafts"
        lead="Made from answers; nothing that people see changes until somebody accepts them."
        actions={
          <Group gap="xs">
            {mayManage && (
              <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} loading={again.isPending} onClick={() => again.mutate(undefined, { onError: (error) => toast.failed(error) })}>
                Weigh answers anew
              </Button>
            )}
            <Button size="xs" component="a" href={answerTable(campaign.id)} download variant="default" leftSection={<IconDownload size={14} aria-hidden />}>
              Answers as CSV
            </Button>
          </Group>
        }
      >
        {results?.drafts.length === 0 && <EmptyState title="No draft yet">Once questions are answered, stitch them into drafts above. The most disputed ones come first in the review.</EmptyState>}
        {results && results.drafts.length > 0 && <Drafts project={project} drafts={results.drafts} />}
      </Panel>
    </Stack>
  );
}

const OF_LINKS = "Yes and no become links that a tracker must keep.";
const BECOMES: Record<Kind, string> = {
  OUTLINE: "Outlines become cells without seams.",
  FIX: "Outlines that were fixed take the place of those before.",
  CENTRES: "Centres become small cells, to be outlined.",
  CELL: "What is no cell leaves, what was confirmed counts as sure.",
  SAME: OF_LINKS,
  DIVIDED: OF_LINKS,
  CLASS: "Classes take the place of those that they exclude.",
};

/** What the answers to questions of these kinds do to labels. */
const becomesOf = (kinds: readonly Kind[]): string[] => [...new Set(kinds.map((kind) => BECOMES[kind]))];

function StitchForm({ project, campaign, results }: { project: string; campaign: Campaign; results: Results | undefined }) {
  const [kinds, setKinds] = useState<Kind[]>([]);
  const [certainty, setCertainty] = useState(0.8);
  const [all, setAll] = useState(false);
  const [review, setReview] = useState(true);
  const make = useCampaignChange(
    () => stitch(campaign.id, { kinds, min_certainty: certainty, all_answered: all, review }),
  );
  const stitching = results?.stitching ?? null;
  const runs = make.isPending || isStitching(stitching);
  return (
    <Panel title="Stitch answers into labels">
      <Stack gap="sm" maw={560}>
        <Text size="sm" c="dimmed">
          {formatCount(campaign.counts.done)} of {formatCount(campaign.counts.items)} questions are answered often enough. {becomesOf(campaign.kinds).join(" ")}
        </Text>
        {campaign.kinds.length > 1 && <MultiSelect label="Questions" placeholder={kinds.length === 0 ? "all kinds" : undefined} data={campaign.kinds.map((value) => ({ value, label: KIND_NAMES[value] }))} value={kinds} onChange={setKinds} />}
        <div>
          <Text size="sm" id="least-certainty">
            Only answers at least this certain: {sharePercent(certainty)}
          </Text>
          <Slider aria-labelledby="least-certainty" thumbLabel="Least certainty" min={0} max={0.99} step={0.01} value={certainty} onChange={setCertainty} label={sharePercent} />
        </div>
        {results && <Histogram title="Certainty of the answers taken together" counts={results.certainty} low="unsure" high="certain" />}
        <Checkbox checked={all} onChange={(event) => setAll(event.currentTarget.checked)} label="Also questions that still want more answers" />
        <Checkbox checked={review} onChange={(event) => setReview(event.currentTarget.checked)} label="Make a task to review each draft, the most disputed first" />
        <ErrorNotice error={make.error} />
        <Group gap="sm">
          <Button leftSection={<IconNeedleThread size={16} aria-hidden />} disabled={campaign.counts.answers === 0 || runs} onClick={() => make.mutate(undefined)}>
            {runs ? "Making drafts …" : "Make drafts"}
          </Button>
          {stitching?.state === "DONE" && stitching.tasks > 0 && <TextLink to={addresses.tasks(project, { mine: false })}>Look at the tasks</TextLink>}
        </Group>
        {stitching && <Progressing stitching={stitching} />}
      </Stack>
    </Panel>
  );
}

/** How far the newest stitching is, and how it ended. */
function Progressing({ stitching }: { stitching: Stitching }) {
  if (stitching.state === "FAILED") return <ErrorNotice error={new Error(`The drafts were not all made: ${stitching.message}`)} />;
  const tasks = stitching.tasks > 0 ? `, ${plural(stitching.tasks, "task")} to review` : "";
  const said = stitching.state === "DONE" ? `${plural(stitching.done, "draft")} made${tasks}.` : `${formatCount(stitching.done)} of ${plural(stitching.total, "image")} stitched; you may leave this page.`;
  return (
    <div>
      {isStitching(stitching) && <Progress aria-label="Images stitched" value={(100 * stitching.done) / Math.max(stitching.total, 1)} animated mb={4} />}
      <Text size="sm" role="status">
        {said}
      </Text>
    </div>
  );
}

function Drafts({ project, drafts }: { project: string; drafts: readonly Draft[] }) {
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table fz="sm" aria-label="Drafts">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Image</Table.Th>
            <Table.Th scope="col">Draft</Table.Th>
            <Table.Th scope="col">Answered</Table.Th>
            <Table.Th scope="col">Changes</Table.Th>
            <Table.Th scope="col">Ambiguity</Table.Th>
            <Table.Th scope="col">Made</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {drafts.map((draft) => (
            <Table.Tr key={`${draft.branch} ${draft.number}`}>
              <Table.Td miw={140} style={{ overflowWrap: "anywhere" }}>
                <TextLink to={addresses.annotate(project, draft.image, { branch: draft.branch })}>{draft.image_name}</TextLink>
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {draft.branch_name}, revision {draft.number}
              </Table.Td>
              <Table.Td className="num" style={{ whiteSpace: "nowrap" }}>{plural(draft.item_count, "question")}</Table.Td>
              <Table.Td className="num">{formatCount(draft.change_count)}</Table.Td>
              <Table.Td className="num">{sharePercent(draft.ambiguity)}</Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <TimeAgo at={draft.created_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
