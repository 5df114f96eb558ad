import { Button, Group, Paper, Text, UnstyledButton } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Dataset } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { ProposedNote } from "./proposed-note";
import { propose, startersQuery, uploadProposalsQuery, type Starter } from "./queries";
import classes from "./starters.module.css";
import { pictureAddress } from "./types";

/** Offered while a dataset has images and no labels, and nothing was proposed by itself: one click, and a starter model draws a first version. */
export function ProposePart({ project, dataset }: { project: string; dataset: Dataset }) {
  const wanted = dataset.image_count > 0 && dataset.labelled_count === 0;
  const starters = useQuery({ ...startersQuery(project), enabled: wanted }).data ?? [];
  const came = useQuery({ ...uploadProposalsQuery(dataset.id), enabled: wanted });
  if (!wanted || came.isPending) return null;
  if (came.data?.some((one) => one.job)) return <ProposedNote project={project} proposals={came.data} />;
  if (starters.length === 0) return null;
  return <Offer project={project} dataset={dataset} starters={starters} />;
}

function Offer({ project, dataset, starters }: { project: string; dataset: Dataset; starters: readonly Starter[] }) {
  const navigate = useNavigate();
  const [name, choose] = useState(starters[0].name);
  const chosen = starters.find((one) => one.name === name) ?? starters[0];
  const start = useMutation({ mutationFn: () => propose(project, dataset.id, chosen), onSuccess: (job) => void navigate({ to: addresses.job(project, job.id) }) });
  return (
    <Paper withBorder p="md" mb="md" radius="md" component="section" aria-labelledby="propose">
      <Text fw={600} id="propose" mb={4}>
        No labels yet
      </Text>
      <Text size="sm" c="dimmed" mb="sm" maw="44rem">
        A starter model can draw a first version on {plural(dataset.image_count, "image")}. Its proposals are drafts: people correct them, and a model trained on the corrections is better.
      </Text>
      <div className={classes.choices} role="radiogroup" aria-label="Starter model">
        {starters.map((one) => (
          <UnstyledButton key={one.id} className={classes.choice} role="radio" aria-checked={one === chosen} data-chosen={one === chosen} onClick={() => choose(one.name)}>
            <img src={pictureAddress(one.id)} alt="" loading="lazy" />
            <Text size="sm" fw={600}>
              {one.facts.title}
            </Text>
            <Text size="xs" c="dimmed">
              {one.facts.purpose}
            </Text>
          </UnstyledButton>
        ))}
      </div>
      <Group mt="sm" gap="md">
        <Button leftSection={<IconWand size={16} />} loading={start.isPending} onClick={() => start.mutate()}>
          Propose cells with the starter model
        </Button>
        <TextLink to={addresses.model(project, chosen.id)} size="sm">
          How good it is, and its limits
        </TextLink>
      </Group>
      {start.error && <ErrorNotice error={start.error} />}
    </Paper>
  );
}
