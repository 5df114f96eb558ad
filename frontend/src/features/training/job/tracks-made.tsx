import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import type { Job } from "../types";

const SHOWN = 100;

type Made = Required<Schema["PredictionOut"]>;

/** Whether a job follows cells over time. */
export const makesTracks = (job: Job) => job.kind === "PREDICT" && (job.recipe === "link" || job.recipe === "learn_links" || "link" in job.settings);

/** The tracks that a job made, movie by movie, and what people had said that they keep. */
export function TracksMade({ job }: { job: Job }) {
  const done = job.state === "SUCCEEDED";
  const made = useQuery({
    queryKey: ["predictions", { job: job.id, tracks: true }],
    queryFn: async () => (await data(api.GET("/api/v1/predictions/", { params: { query: { job: job.id, limit: SHOWN } } }))).results as Made[],
    enabled: done,
  });
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm">{done ? `${job.message} The tracks are drafts, each on a line of its own; how sure each link is stands in the editor.` : "Cells are followed from frame to frame, through divisions and gaps. What people said of links is kept."}</Text>
      <ErrorNotice error={made.error} />
      {made.data?.map((one) => <Movie key={one.id} project={job.project} made={one} />)}
    </Stack>
  );
}

function Movie({ project, made }: { project: string; made: Made }) {
  const { tracking } = made;
  const links = tracking?.kept_links ?? 0;
  const cuts = tracking?.kept_cuts ?? 0;
  return (
    <div>
      <TextLink to={addresses.annotate(project, made.image, made.task ? { task: made.task } : { branch: made.branch })} size="sm">
        {made.image_name}
      </TextLink>
      {tracking && (
        <Text size="sm" c="dimmed" className="num">
          {plural(made.object_count, "track")}, {plural(tracking.link_count, "link")}, {plural(tracking.division_count, "division")}
          {tracking.model_name && ` by the trained linker ${tracking.model_name}`}
          {tracking.base_branch && `; linked the cells of “${tracking.base_branch}”, revision ${tracking.base}`}.
        </Text>
      )}
      {links + cuts > 0 && (
        <Text size="sm" className="num">
          Kept: all of the {plural(links, "link")} that people made or confirmed{cuts > 0 && `, and the ${plural(cuts, "pair")} that they took apart`}.
        </Text>
      )}
    </div>
  );
}
