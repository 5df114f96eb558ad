import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import { addresses } from "@/lib/addresses";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";

/** The map that a job made, when it is there. */
export function MapMade({ job }: { job: Schema["JobOut"] }) {
  const done = job.state === "SUCCEEDED";
  const atlases = useQuery({
    queryKey: ["atlases", { job: job.id }],
    queryFn: async () => (await data(api.GET("/api/v1/atlases/", { params: { query: { job: job.id } } }))).results,
    enabled: done,
  });
  const atlas = atlases.data?.[0];
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm">{done ? job.message : "The cells are looked at one by one, compared, and laid out on a map."}</Text>
      <ErrorNotice error={atlases.error} />
      {atlas && <ButtonLink to={addresses.atlas(job.project, atlas.id)}>Open the map</ButtonLink>}
    </Stack>
  );
}
