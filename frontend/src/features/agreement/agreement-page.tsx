import { Group, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { IconCirclesRelation } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { peopleQuery } from "@/api/people";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { useParam, useQueryValue, useSetQuery } from "@/ui/use-address";
import { ClassesTable } from "./classes-table";
import { MeasuresPlot } from "./measures-plot";
import { Pictures } from "./pictures";
import { agreementQuery, ratingsQuery, type AgreementFilter } from "./queries";
import { RatingsTable } from "./ratings-table";

/** How far two ratings of the same images agree: where they differ first, then figures, then every pair. */
export function AgreementPage() {
  const project = useParam("projectId");
  const reviews = useMay(project, "REVIEWER");
  return (
    <>
      <PageHeader title="Agreement" subtitle="Images that two people rated, or one person twice. Who rates blind sees no other labels of the image until it is settled." actions={<ButtonLink to={addresses.tasks(project, { mine: false })} variant="default">Tasks</ButtonLink>} />
      {reviews ? (
        <Rated project={project} />
      ) : (
        <EmptyState icon={<IconCirclesRelation size={40} stroke={1.2} />} title="Reviewers see this">
          How two ratings of an image differ is shown to those who settle them.
        </EmptyState>
      )}
    </>
  );
}

function Rated({ project }: { project: string }) {
  const [filter] = useFilter();
  const ratings = useQuery(ratingsQuery(project));
  const agreement = useQuery(agreementQuery(project, filter));
  if (ratings.error ?? agreement.error) return <ErrorNotice error={ratings.error ?? agreement.error} onRetry={() => void Promise.all([ratings.refetch(), agreement.refetch()])} />;
  if (!ratings.data || !agreement.data) return <Skeleton height={320} />;
  if (ratings.data.length === 0) return <Nothing project={project} />;
  const { images, measures, classes } = agreement.data;
  return (
    <Stack gap="md">
      <Filters project={project} />
      {images.length > 0 && <Pictures project={project} images={images} />}
      <Panel title="How far they agree" lead={images.length > 0 ? `${plural(images.length, "image")} rated twice, pooled, with 95 % intervals from drawing images again.` : undefined}>
        {images.length > 0 ? (
          <MeasuresPlot measures={measures} />
        ) : (
          <Text size="sm" c="dimmed">
            As soon as both ratings of an image are handed in, figures stand here.
          </Text>
        )}
      </Panel>
      {classes.length > 0 && <ClassesTable rows={classes} />}
      <RatingsTable project={project} ratings={ratings.data} images={images} />
    </Stack>
  );
}

const WHICH = [
  { value: "all", label: "All" },
  { value: "false", label: "Two people" },
  { value: "true", label: "Repetitions" },
];

function useFilter(): [AgreementFilter, ReturnType<typeof useSetQuery>] {
  const [repeats] = useQueryValue("repeats");
  const [person] = useQueryValue("person");
  const given = { ...((repeats === "true" || repeats === "false") && { repeats: repeats === "true" }), ...(person && { person }) };
  return [given, useSetQuery()];
}

function Filters({ project }: { project: string }) {
  const [{ repeats, person }, set] = useFilter();
  const people = useQuery(peopleQuery(project)).data ?? [];
  return (
    <Group gap="sm">
      <SegmentedControl size="xs" aria-label="Which pairs" data={WHICH} value={repeats === undefined ? "all" : String(repeats)} onChange={(value) => set({ repeats: value === "all" ? undefined : value })} />
      <Select size="xs" w={190} aria-label="Whose" placeholder="Everybody's" clearable searchable data={people.map(({ user }) => ({ value: user.id, label: user.name ?? "Somebody" }))} value={person ?? null} onChange={(value) => set({ person: value ?? undefined })} />
    </Group>
  );
}

function Nothing({ project }: { project: string }) {
  const manages = useMay(project, "MANAGER");
  return (
    <EmptyState icon={<IconCirclesRelation size={40} stroke={1.2} />} title="No image is rated twice yet" action={manages && <ButtonLink to={addresses.tasks(project, { mine: false })}>Choose tasks</ButtonLink>}>
      Choose tasks and “Rate twice…”: another person labels a share of the images again, or the same person some days later, without seeing the first labels. How far the two agree then stands here, image by image and pooled.
    </EmptyState>
  );
}
