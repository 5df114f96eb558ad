import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { schemaVersionsQuery, type SchemaVersion } from "@/api/schemas";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import classes from "./classes-page.module.css";
import { useRereadSchema } from "./schema-changes";

const SHOWN = 20;

/** Every change of the classes and attributes: who, when, what, and what became of cells. */
export function VersionsPanel({ project, mayChange }: { project: string; mayChange: boolean }) {
  const versions = useQuery(schemaVersionsQuery(project));
  const [all, setAll] = useState(false);
  const rows = versions.data ?? [];
  return (
    <Panel title="Versions">
      <ErrorNotice error={versions.error} onRetry={() => void versions.refetch()} />
      {versions.data && rows.length === 0 && <Text size="sm" c="dimmed">Nothing was changed yet.</Text>}
      <ol className={classes.list} aria-label="Versions of the classes">
        {(all ? rows : rows.slice(0, SHOWN)).map((one, at) => (
          <Version key={one.id} project={project} version={one} isNewest={at === 0 && one.number > 1} mayChange={mayChange} />
        ))}
      </ol>
      {!all && rows.length > SHOWN && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          All {rows.length} versions
        </Button>
      )}
    </Panel>
  );
}

function Version({ project, version, isNewest, mayChange }: { project: string; version: SchemaVersion; isNewest: boolean; mayChange: boolean }) {
  const [asking, setAsking] = useState(false);
  const { migration } = version;
  return (
    <li className={classes.version}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Stack gap={2} miw={0}>
          <Text size="sm" fw={600}>
            Version {version.number}
          </Text>
          {version.number === 1 && version.changes.length === 0 && <Text size="sm">The project began.</Text>}
          {version.changes.map((one) => (
            <Text key={one} size="sm" style={{ overflowWrap: "anywhere" }}>
              {one}
            </Text>
          ))}
          {migration?.operation === "TAKE_BACK" && <Text size="sm">Version {migration.of} was taken back.</Text>}
          {migration && migration.cells > 0 && (
            <Text size="sm" c="dimmed">
              {plural(migration.cells, "cell")} in {plural(migration.images, "image")} changed
              {migration.locked ? `, ${migration.locked} locked left` : ""}
              {migration.left ? `, ${migration.left} left that others changed since` : ""}.
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {version.author ? version.author.name : "With labels from outside"} · <TimeAgo at={version.created_at} />
          </Text>
        </Stack>
        {isNewest && mayChange && (
          <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
            Take back
          </Button>
        )}
      </Group>
      {asking && <TakeBack project={project} version={version} onClose={() => setAsking(false)} />}
    </li>
  );
}

function TakeBack({ project, version, onClose }: { project: string; version: SchemaVersion; onClose: () => void }) {
  const reread = useRereadSchema(project);
  const takeBack = useMutation({
    mutationFn: () => data(api.POST("/api/v1/projects/{id}/schema/take-back/", { params: { path: { id: project } }, body: { number: version.number } })),
    onSuccess: async (made) => {
      await reread();
      toast.done(`Version ${version.number} taken back: ${plural(made.migration?.cells ?? 0, "cell")} changed`);
      onClose();
    },
  });
  return (
    <ConfirmDialog opened title={`Take version ${version.number} back?`} confirm="Take it back" busy={takeBack.isPending} error={takeBack.error} onConfirm={() => takeBack.mutate()} onClose={onClose}>
      Classes and attributes become what they were before it, and so do the cells that it changed. Cells that somebody said to be something else since stay as they are. Taking this back again brings it back.
    </ConfirmDialog>
  );
}
