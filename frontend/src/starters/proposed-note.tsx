import { Group, Paper, Text } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { TextLink } from "@/ui/link";
import { TimeAgo } from "@/ui/time-ago";
import type { UploadProposal } from "./queries";

/** What a model did by itself with images that were brought in: that it works, that it is done, or why nothing happened. */
export function ProposedNote({ project, proposals }: { project: string; proposals: readonly UploadProposal[] }) {
  const newest = proposals.find((one) => one.job) ?? proposals[0];
  if (!newest) return null;
  return (
    <Paper withBorder p="sm" mt="sm" mb="md" radius="md" component="section" aria-label="Proposals on new images">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <IconWand size={18} aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
        <div>
          <Text size="sm" role="status">
            {wordsOf(newest)}
          </Text>
          <Text size="xs" c="dimmed" component="div">
            {newest.job && newest.started_by && `Started by itself in the name of ${newest.started_by}, `}
            {newest.job && <TimeAgo at={newest.created_at} />}
            {newest.job && ". "}
            {newest.job && (
              <>
                <TextLink to={addresses.job(project, newest.job)} size="xs">
                  The job
                </TextLink>
                {" · "}
              </>
            )}
            <TextLink to={`${addresses.projectSettings(project)}#proposals`} size="xs">
              {newest.job ? "Turn this off, or choose another model" : "Who proposes on new images"}
            </TextLink>
          </Text>
        </div>
      </Group>
    </Paper>
  );
}

/** One sentence on what came of an upload. */
export function wordsOf({ job, job_state, trained_model_name, image_count, reason }: UploadProposal): string {
  const images = plural(image_count, "new image");
  if (!job) return `Nothing was proposed. ${reason}`;
  switch (job_state) {
    case "SUCCEEDED":
      return `${trained_model_name} has proposed labels on ${images}. They are drafts: open an image, correct what is wrong, accept it.`;
    case "FAILED":
      return `${trained_model_name} could not propose labels on ${images}; the job says why.`;
    case "CANCELLED":
      return `Proposals by ${trained_model_name} on ${images} were cancelled.`;
    case "QUEUED":
      return `${trained_model_name} will propose labels on ${images} as soon as a worker is free.`;
    default:
      return `${trained_model_name} is proposing labels on ${images}.`;
  }
}
