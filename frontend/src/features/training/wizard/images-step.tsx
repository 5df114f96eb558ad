import { Alert, Anchor, Checkbox, Group, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { datasetsQuery, type Dataset } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import type { SnapshotPreview } from "../types";
import { reasonsLeftOut, type Plan } from "./plan";
import classes from "./wizard.module.css";

interface ImagesStepProps {
  projectId: string;
  plan: Plan;
  /** Does the chosen recipe learn from labels, or from the images alone? */
  needsLabels: boolean;
  preview: SnapshotPreview | undefined;
  error: unknown;
  onChange: (change: Partial<Plan>) => void;
}

export function ImagesStep({ projectId, plan, needsLabels, preview, error, onChange }: ImagesStepProps) {
  const datasets = useQuery(datasetsQuery(projectId));
  if (datasets.isPending) return <Skeleton height={90} />;
  return (
    <Stack gap="sm">
      <ErrorNotice error={datasets.error ?? error} onRetry={() => void datasets.refetch()} />
      {plan.images.length > 0 && (
        <Group gap="xs">
          <Text size="sm">{plural(plan.images.length, "image")} chosen one by one.</Text>
          <Anchor component="button" type="button" size="sm" onClick={() => onChange({ images: [] })}>
            Take whole datasets instead
          </Anchor>
        </Group>
      )}
      {plan.images.length === 0 && datasets.data?.map((dataset) => <DatasetRow key={dataset.id} dataset={dataset} plan={plan} needsLabels={needsLabels} onChange={onChange} />)}
      {plan.images.length === 0 && (
        <Text size="xs" c="dimmed">
          Only some images? Select them in a <TextLink to={addresses.datasets(projectId)}>dataset</TextLink> and choose “Train on these”.
        </Text>
      )}
      {needsLabels && <Switch
        label="Also learn from labels that nobody has accepted"
        description="By default only accepted revisions enter, so that a mistake is seen by two people first."
        checked={plan.include === "HEAD"}
        onChange={(event) => onChange({ include: event.currentTarget.checked ? "HEAD" : "ACCEPTED" })}
      />}
      {preview && <LeftOut preview={preview} />}
    </Stack>
  );
}

function DatasetRow({ dataset, plan, needsLabels, onChange }: { dataset: Dataset; plan: Plan; needsLabels: boolean; onChange: ImagesStepProps["onChange"] }) {
  const usable = plan.include === "ACCEPTED" ? dataset.accepted_count : dataset.labelled_count;
  const toggle = (on: boolean) => onChange({ datasets: on ? [...plan.datasets, dataset.id] : plan.datasets.filter((id) => id !== dataset.id) });
  return (
    <label className={classes.dataset}>
      <Checkbox checked={plan.datasets.includes(dataset.id)} onChange={(event) => toggle(event.currentTarget.checked)} aria-label={dataset.name} />
      <Text flex={1} truncate>
        {dataset.name}
      </Text>
      <Text size="sm" c={!needsLabels || usable > 0 ? undefined : "dimmed"} className="num">
        {needsLabels ? `${formatCount(usable)} of ${plural(dataset.image_count, "image")} ${plan.include === "ACCEPTED" ? "accepted" : "labelled"}` : plural(dataset.image_count, "image")}
      </Text>
    </label>
  );
}

/** Nothing is left out without a word. */
function LeftOut({ preview }: { preview: SnapshotPreview }) {
  const [opened, { toggle }] = useDisclosure(false);
  const reasons = reasonsLeftOut(preview.left_out);
  return (
    <>
      {preview.notice && (
        <Alert color="yellow" variant="light" p="xs">
          {preview.notice}
        </Alert>
      )}
      {reasons.length > 0 && (
        <div>
          <Text size="sm">
            {plural(preview.counts.all.images, "image")} will enter, {formatCount(preview.left_out.length)} will not.{" "}
            <Anchor component="button" type="button" size="sm" aria-expanded={opened} onClick={toggle}>
              {opened ? "Hide the reasons" : "Why?"}
            </Anchor>
          </Text>
          {opened &&
            reasons.map(({ reason, names }) => (
              <Text key={reason} size="sm" c="dimmed" mt={4}>
                {plural(names.length, "image")}: {reason} ({names.slice(0, 5).join(", ")}
                {names.length > 5 && " …"})
              </Text>
            ))}
        </div>
      )}
    </>
  );
}
