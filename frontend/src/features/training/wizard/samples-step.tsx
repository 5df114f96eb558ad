import { Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "@/ui/error-notice";
import { jobQuery, pictureAddress, picturesQuery } from "../queries";
import { isOver } from "../job/job-words";
import classes from "./wizard.module.css";

interface SamplesStepProps {
  job: string | undefined;
  starting: boolean;
  allowed: boolean;
  error: unknown;
  onAsk: () => void;
}

/** What the net will really be shown: crops after flips, zooms, blurs and noise, with their labels. */
export function SamplesStep({ job, starting, allowed, error, onAsk }: SamplesStepProps) {
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button variant="default" disabled={!allowed} loading={starting} onClick={onAsk}>
          {job ? "Draw other samples" : "See augmented samples"}
        </Button>
        <Text size="sm" c="dimmed">
          Optional: crops as the net will see them, to notice wrong channels or labels before the training.
        </Text>
      </Group>
      <ErrorNotice error={error} />
      {job && <Samples job={job} />}
    </Stack>
  );
}

function Samples({ job: id }: { job: string }) {
  const job = useQuery({ ...jobQuery(id), refetchInterval: (query) => (query.state.data && isOver(query.state.data.state) ? false : 1500) });
  const over = job.data !== undefined && isOver(job.data.state);
  const pictures = useQuery({ ...picturesQuery(id), refetchInterval: over ? false : 2000 });
  if (job.data?.state === "FAILED") return <ErrorNotice error={new Error(job.data.error)} title="The samples could not be drawn" />;
  return (
    <>
      {!over && (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm" c="dimmed">
            {job.data?.message || "Waiting for a worker"} …
          </Text>
        </Group>
      )}
      <div className={classes.samples}>
        {pictures.data?.map(({ name, caption }) => (
          <figure key={name} style={{ margin: 0 }}>
            <img src={pictureAddress(id, name)} alt={caption || "Augmented sample"} loading="lazy" />
            <Text component="figcaption" size="xs" c="dimmed" mt={4}>
              {caption}
            </Text>
          </figure>
        ))}
      </div>
    </>
  );
}
