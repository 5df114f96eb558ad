import { Button, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconPackage } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetQuery } from "@/api/datasets";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { TimeAgo } from "@/ui/time-ago";
import { useParam, useSetQuery, useQueryValue } from "@/ui/use-address";
import { NewRelease } from "./new-release";
import { releasesQuery, type Release } from "./queries";
import { ReleasePanel } from "./release-panel";
import classes from "./releases.module.css";

/** The versions of a dataset that never change. */
export function ReleasesPage() {
  const [project, id] = [useParam("projectId"), useParam("datasetId")];
  const dataset = useQuery(datasetQuery(id));
  const releases = useQuery(releasesQuery(id));
  const mayRelease = useMay(project, "MANAGER");
  const [asked] = useQueryValue("release");
  const setQuery = useSetQuery();
  const [making, setMaking] = useState(false);
  if (dataset.error) throw dataset.error;
  const list = releases.data ?? [];
  const shown = list.find((one) => one.id === asked) ?? list[0];
  return (
    <>
      <PageHeader
        above={
          <TextLink to={addresses.dataset(project, id)} size="xs">
            {dataset.data?.name ?? "Dataset"}
          </TextLink>
        }
        title="Releases"
        subtitle="Versions with a name and a digest that never change, to cite, to give away, to come back to."
        actions={mayRelease && dataset.data && <Button onClick={() => setMaking(true)}>New release</Button>}
      />
      <ErrorNotice error={releases.error} onRetry={() => void releases.refetch()} />
      {releases.isPending && <Skeleton height={200} />}
      {releases.data?.length === 0 && (
        <EmptyState icon={<IconPackage size={40} stroke={1.2} />} title="No releases yet">
          {mayRelease ? "Name the present labels as a first version; work goes on while it stays as it is." : "A manager of the team makes releases; you can download them here."}
        </EmptyState>
      )}
      {shown && (
        <div className={classes.page}>
          <nav aria-label="Releases of this dataset">
            <Stack gap={4}>
              {list.map((one) => (
                <Entry key={one.id} release={one} chosen={one.id === shown.id} onChoose={() => setQuery({ release: one.id, against: undefined })} />
              ))}
            </Stack>
          </nav>
          <ReleasePanel key={shown.id} project={project} id={shown.id} others={list} />
        </div>
      )}
      {making && dataset.data && <NewRelease dataset={dataset.data} suggestion={following(list[0]?.name)} onDone={(release) => { setMaking(false); setQuery({ release, against: undefined }); }} onClose={() => setMaking(false)} />}
    </>
  );
}

/** 1.0 → 1.1; another name says nothing of the next. */
function following(name: string | undefined): string {
  if (name === undefined) return "1.0";
  const parts = /^(.*?)(\d+)$/.exec(name);
  return parts ? `${parts[1]}${Number(parts[2]) + 1}` : "";
}

function Entry({ release, chosen, onChoose }: { release: Release; chosen: boolean; onChoose: () => void }) {
  return (
    <UnstyledButton className={classes.entry} aria-current={chosen} onClick={onChoose}>
      <Text size="sm" fw={600} truncate>
        {release.name}
      </Text>
      <Text size="xs" c="dimmed" className="num">
        <TimeAgo at={release.created_at} /> · {plural(release.counts.images, "image")} · {plural(release.counts.cells, "cell")}
      </Text>
      <Text size="xs" c="dimmed" ff="monospace">
        {release.digest.slice(0, 12)}
      </Text>
    </UnstyledButton>
  );
}
