import { NativeSelect, Skeleton, Stack, Text } from "@mantine/core";
import { IconTags } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/projects";
import { schemaQuery, type ArrangedSchema, type ClassRule } from "@/api/schemas";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { useParam } from "@/ui/use-address";
import { AttributesPanel } from "./attributes-panel";
import { ClassTree } from "./class-tree";
import { MigrationDialog } from "./migration-dialog";
import { NewClass } from "./new-class";
import type { Migration } from "./schema-changes";
import { VersionsPanel } from "./versions-panel";

/** What a cell can be: a tree of classes, attributes, and every version of both. */
export function ClassesPage() {
  const project = useParam("projectId");
  const schema = useQuery(schemaQuery(project));
  const mayChange = useMay(project, "MANAGER");
  const [migration, setMigration] = useState<Migration | null>(null);
  const isEmpty = schema.data?.classes.every((one) => one.archived);
  return (
    <>
      <PageHeader title="Classes" subtitle="What a cell can be: a type, a phase, a state, and what else is said of it. Each change makes a new version; cells can follow it." />
      <Stack gap="md" maw="44rem">
        <ErrorNotice error={schema.error} onRetry={() => void schema.refetch()} />
        {schema.isPending && <Skeleton height={160} />}
        {isEmpty && (
          <EmptyState icon={<IconTags size={40} stroke={1.2} />} title="No classes">
            Outlines alone need none. Add classes when cells differ in a way that you want to count or predict.
          </EmptyState>
        )}
        {schema.data && !isEmpty && (
          <Panel title="Tree of classes">
            <Rule schema={schema.data} mayChange={mayChange} onPreview={setMigration} />
            <ClassTree project={project} schema={schema.data} mayChange={mayChange} onPreview={setMigration} />
          </Panel>
        )}
        {mayChange && schema.data && <NewClass project={project} rows={schema.data.classes} />}
        {schema.data && <AttributesPanel project={project} schema={schema.data} mayChange={mayChange} onPreview={setMigration} />}
        {schema.data && <VersionsPanel project={project} mayChange={mayChange} />}
      </Stack>
      {migration && <MigrationDialog project={project} migration={migration} onClose={() => setMigration(null)} />}
    </>
  );
}

const RULES: { value: ClassRule; label: string }[] = [
  { value: "ONE", label: "one class" },
  { value: "BRANCH", label: "one class from each branch of the tree" },
  { value: "ANY", label: "any number of classes" },
];

function Rule({ schema, mayChange, onPreview }: { schema: ArrangedSchema; mayChange: boolean; onPreview: (migration: Migration) => void }) {
  if (!mayChange) return <Text size="sm">A cell has {RULES.find(({ value }) => value === schema.rule)?.label}.</Text>;
  return (
    <NativeSelect
      label="A cell has"
      maw="22rem"
      mb="sm"
      data={RULES}
      value={schema.rule}
      onChange={(event) => onPreview({ operation: "RULE", rule: event.currentTarget.value as ClassRule })}
    />
  );
}
