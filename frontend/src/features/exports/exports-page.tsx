import { Button, Group, Radio, SegmentedControl, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { datasetQuery, type Dataset } from "@/api/datasets";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { useParam } from "@/ui/use-address";
import { ExportsTable } from "./exports-table";
import { FORMATS, type Export } from "./formats";

const WATCH_MS = 2_000;
const isUnderWay = (one: Export): boolean => one.state === "PENDING" || one.state === "RUNNING";

export function ExportsPage() {
  const [project, id] = [useParam("projectId"), useParam("datasetId")];
  const dataset = useQuery(datasetQuery(id));
  const mayExport = useMay(project, "MANAGER");
  const exports = useQuery({
    queryKey: ["exports", { dataset: id }],
    queryFn: async () => (await data(api.GET("/api/v1/datasets/{id}/exports/", { params: { path: { id }, query: { limit: 100, offset: 0 } } }))).results,
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? WATCH_MS : false),
  });
  if (dataset.error) throw dataset.error;
  return (
    <>
      <PageHeader
        above={
          <TextLink to={addresses.dataset(project, id)} size="xs">
            {dataset.data?.name ?? "Dataset"}
          </TextLink>
        }
        title="Export"
        subtitle="Labels in a form that other programs read. Each export remembers which revision of which image went out."
      />
      <Stack gap="md">
        {dataset.data && mayExport && <NewExport dataset={dataset.data} />}
        <ErrorNotice error={exports.error} onRetry={() => void exports.refetch()} />
        {exports.isPending && <Skeleton height={120} />}
        {exports.data?.length === 0 && (
          <EmptyState icon={<IconDownload size={40} stroke={1.2} />} title="No exports yet">
            {mayExport ? "Choose a format above; the file appears here when it is ready." : "A manager of the team makes exports; you can download them here."}
          </EmptyState>
        )}
        {exports.data && exports.data.length > 0 && <ExportsTable exports={exports.data} />}
      </Stack>
    </>
  );
}

type Which = Export["which"];

function NewExport({ dataset }: { dataset: Dataset }) {
  const [format, setFormat] = useState<Export["format"]>("LABEL_TIFF");
  const [which, setWhich] = useState<Which>("ACCEPTED");
  const queries = useQueryClient();
  const ask = useMutation({
    mutationFn: () => data(api.POST("/api/v1/datasets/{id}/exports/", { params: { path: { id: dataset.id } }, body: { format, which } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["exports"] }),
  });
  const count = which === "ACCEPTED" ? dataset.accepted_count : dataset.labelled_count;
  return (
    <Panel title="New export">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate();
        }}
      >
        <Stack gap="md">
          <Radio.Group aria-label="Format" value={format} onChange={(value) => setFormat(value)}>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="sm">
              {FORMATS.map(({ value, name, sentence }) => (
                <Radio.Card key={value} value={value} p="sm" aria-label={name} style={{ display: "flex", alignItems: "flex-start" }}>
                  <Group wrap="nowrap" align="flex-start" gap="sm">
                    <Radio.Indicator size="xs" mt={3} />
                    <div>
                      <Text size="sm" fw={500}>
                        {name}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {sentence}
                      </Text>
                    </div>
                  </Group>
                </Radio.Card>
              ))}
            </SimpleGrid>
          </Radio.Group>
          <ErrorNotice error={ask.error} />
          <Group justify="space-between" gap="sm">
            <Group gap="sm">
              <SegmentedControl
                aria-label="Which revisions"
                value={which}
                onChange={(value) => setWhich((value ?? "ACCEPTED"))}
                data={[
                  { value: "ACCEPTED", label: "Accepted revisions" },
                  { value: "HEAD", label: "Newest revisions" },
                ]}
              />
              <Text size="sm" c="dimmed" className="num">
                {plural(count, "image")} {which === "ACCEPTED" ? "with accepted labels" : "with labels, reviewed or not"}
              </Text>
            </Group>
            <Button type="submit" loading={ask.isPending} disabled={count === 0}>
              Export {plural(count, "image")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
