import { Alert, Button, Group, Loader, Modal, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { plural } from "@/lib/format";
import type { Schema } from "@/api/types";
import { ErrorNotice } from "@/ui/error-notice";
import { toast } from "@/ui/toast";
import { useRereadSchema, type Migration } from "./schema-changes";

const MANY_CELLS = 5_000;
/** As measured on one core that others use too. */
const CELLS_A_SECOND = 6_000;

type Preview = Schema["MigrationPreviewOut"];

/** What a change of the classes does to cells, before anybody agrees to it. */
export function MigrationDialog({ project, migration, onClose }: { project: string; migration: Migration; onClose: () => void }) {
  const reread = useRereadSchema(project);
  const path = { id: project };
  const preview = useQuery({
    queryKey: ["schema", project, "preview", migration],
    queryFn: () => data(api.POST("/api/v1/projects/{id}/schema/preview/", { params: { path }, body: migration })),
    gcTime: 0,
    retry: false,
  });
  const carryOut = useMutation({
    mutationFn: (schema_number: number) => data(api.POST("/api/v1/projects/{id}/schema/migrations/", { params: { path }, body: { ...migration, schema_number } })),
    onSuccess: async (version) => {
      await reread();
      toast.done(`Version ${version.number} of the classes: ${plural(version.migration?.cells ?? 0, "cell")} changed`);
      onClose();
    },
  });
  const shown = preview.data;
  return (
    <Modal opened onClose={onClose} title="What this changes" centered size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="sm">
        {preview.isPending && <Loader size="sm" aria-label="Counting cells" />}
        <ErrorNotice error={preview.error} onRetry={() => void preview.refetch()} />
        {shown && <Told shown={shown} />}
        {shown && carryOut.isPending && shown.cells >= MANY_CELLS && (
          <Text size="sm" role="status">
            All cells change at once or none: about {Math.ceil(shown.cells / CELLS_A_SECOND)} seconds. It goes on if you leave the page.
          </Text>
        )}
        <ErrorNotice error={carryOut.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={!shown} loading={carryOut.isPending} onClick={() => shown && carryOut.mutate(shown.schema_number)}>
            {shown?.cells ? `Change ${plural(shown.cells, "cell")}` : "Change the classes"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Told({ shown }: { shown: Preview }) {
  return (
    <>
      {shown.changes.map((one) => (
        <Text key={one} size="sm">
          {one}
        </Text>
      ))}
      <Text size="sm" fw={600}>
        {shown.cells === 0 ? "No cell changes." : `${plural(shown.cells, "cell")} in ${plural(shown.images, "image")} change${shown.cells === 1 ? "s" : ""}:`}
      </Text>
      {shown.rows.length > 0 && (
        <ScrollArea.Autosize mah="40dvh">
          <Table aria-label="Cells that change">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>From</Table.Th>
                <Table.Th>To</Table.Th>
                <Table.Th ta="right">Cells</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.rows.map(({ was, becomes, cells }) => (
                <Table.Tr key={`${was} → ${becomes}`}>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{was}</Table.Td>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{becomes}</Table.Td>
                  <Table.Td ta="right" className="num">
                    {cells}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
      {shown.locked > 0 && <Alert variant="light">{plural(shown.locked, "locked cell")} would change and stay{shown.locked === 1 ? "s" : ""} as before. Unlock them first, if they are meant too.</Alert>}
      {shown.unconverted > 0 && <Alert variant="light">{plural(shown.unconverted, "value")} cannot be converted and stay with the old attribute, which is archived.</Alert>}
      <Text size="xs" c="dimmed">
        It is an edit like any other: it stands in the log, and can be taken back below the versions.
      </Text>
    </>
  );
}
