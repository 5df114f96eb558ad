import { Box, Button, Group, Select, Skeleton, Text, TextInput } from "@mantine/core";
import { IconDownload, IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import { useParam, useQueryValue, useSetQuery } from "@/ui/use-address";
import { auditQuery, auditWordsQuery, exportAddress, momentOf, parameterWords, type AuditLine, type Filter } from "./queries";
import { RevertDialog } from "./revert-dialog";

/** Every edit of the project's labels: who, when, with which tool and which model. */
export function AuditPage() {
  const project = useParam("projectId");
  const mayRead = useMay(project, "REVIEWER");
  const filter = useFilter();
  const log = useInfiniteQuery({ ...auditQuery(project, filter), enabled: mayRead });
  const [reverting, setReverting] = useState<AuditLine | null>(null);
  const lines = useMemo(() => (log.data?.pages.flatMap((page) => page.results) ?? []) as AuditLine[], [log.data]);
  const count = log.data?.pages[0]?.count ?? 0;
  return (
    <>
      <PageHeader
        title="Audit log"
        subtitle="Every edit with who made it, when, with which tool, model and settings. Exported whole, it replays to the labels exactly."
        actions={mayRead && <Downloads project={project} filter={filter} />}
      />
      {!mayRead && (
        <EmptyState icon={<IconHistory size={40} stroke={1.2} />} title="For reviewers">
          Reviewers, managers and owners read the log. The history of an image is in the editor, for everybody.
        </EmptyState>
      )}
      {mayRead && <Filters project={project} />}
      <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />
      {mayRead && log.isPending && <Skeleton height={240} />}
      {log.data && lines.length === 0 && (
        <EmptyState icon={<IconHistory size={40} stroke={1.2} />} title="No edits">
          Nothing in the log fits. Take a filter away, or label something.
        </EmptyState>
      )}
      {lines.length > 0 && (
        <>
          <Text size="sm" c="dimmed" mb={6} className="num">
            {plural(count, "line")}
          </Text>
          <Lines project={project} lines={lines} onEnd={() => log.hasNextPage && !log.isFetchingNextPage && void log.fetchNextPage()} onRevert={setReverting} />
        </>
      )}
      {reverting && <RevertDialog line={reverting} onClose={() => setReverting(null)} />}
    </>
  );
}

function useFilter(): Filter {
  const [person] = useQueryValue("person");
  const [model] = useQueryValue("model");
  const [tool] = useQueryValue("tool");
  const [since] = useQueryValue("since");
  const [until] = useQueryValue("until");
  const [image] = useQueryValue("image");
  const [dataset] = useQueryValue("dataset");
  return useMemo(
    () => ({ person, model, tool, image, dataset, since: momentOf(since ?? "", false), until: momentOf(until ?? "", true) }),
    [person, model, tool, image, dataset, since, until],
  );
}

function Filters({ project }: { project: string }) {
  const words = useQuery(auditWordsQuery(project)).data;
  const setQuery = useSetQuery();
  const values = { person: useQueryValue("person")[0], model: useQueryValue("model")[0], tool: useQueryValue("tool")[0], since: useQueryValue("since")[0], until: useQueryValue("until")[0] };
  const [image, dataset] = [useQueryValue("image")[0], useQueryValue("dataset")[0]];
  const set = (name: keyof typeof values) => (value: string | null) => setQuery({ [name]: value || undefined });
  const any = Object.values({ ...values, image, dataset }).some((value) => value !== undefined);
  return (
    <Group gap="sm" mb="md" align="flex-end" role="search">
      <Select size="xs" w={170} label="Person" clearable searchable placeholder="Anybody" data={(words?.people ?? []).map(({ id, name }) => ({ value: id, label: name }))} value={values.person ?? null} onChange={set("person")} />
      <Select size="xs" w={190} label="Model" clearable searchable placeholder="Any or none" data={words?.models ?? []} value={values.model ?? null} onChange={set("model")} />
      <Select size="xs" w={150} label="Tool" clearable searchable placeholder="Any" data={words?.tools ?? []} value={values.tool ?? null} onChange={set("tool")} />
      <TextInput size="xs" type="date" label="From" value={values.since ?? ""} onChange={(event) => set("since")(event.currentTarget.value)} />
      <TextInput size="xs" type="date" label="To" value={values.until ?? ""} onChange={(event) => set("until")(event.currentTarget.value)} />
      {any && (
        <Button size="xs" variant="subtle" onClick={() => setQuery({ person: undefined, model: undefined, tool: undefined, since: undefined, until: undefined, image: undefined, dataset: undefined })}>
          Show all
        </Button>
      )}
    </Group>
  );
}

function Downloads({ project, filter }: { project: string; filter: Filter }) {
  return (
    <>
      <Button component="a" href={exportAddress(project, "csv", filter)} download variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
        CSV
      </Button>
      <Button component="a" href={exportAddress(project, "jsonl", filter)} download variant="default" leftSection={<IconDownload size={16} aria-hidden />} title="Every edit whole, one a line; without a filter of person, model, tool or time it replays to the labels">
        JSON lines
      </Button>
    </>
  );
}

interface LinesProps {
  project: string;
  lines: readonly AuditLine[];
  onEnd: () => void;
  onRevert: (line: AuditLine) => void;
}

/** Who it was; on narrow screens also with which tool, and where. */
function Who({ project, line }: { project: string; line: AuditLine }) {
  return (
    <>
      <Truncated>{line.person_name ?? (line.model || "Cytoloop")}</Truncated>
      <Box hiddenFrom="sm">
        <Text size="xs" c="dimmed" truncate>
          {line.tool}
        </Text>
        <Where project={project} line={line} />
      </Box>
    </>
  );
}

function Where({ project, line: one }: { project: string; line: AuditLine }) {
  return (
    <TextLink size="sm" to={addresses.compare(project, one.image, { base: one.branch, baseRevision: one.onto, target: one.branch, targetRevision: one.number })} title={`What revision ${one.number} of ${one.branch_name} changed`}>
      {one.image_name}, {one.branch_name === "main" ? "" : `${one.branch_name}, `}revision {one.number}
    </TextLink>
  );
}

function Lines({ project, lines, onEnd, onRevert }: LinesProps) {
  return (
    <DataTable<AuditLine>
      label="Edits"
      rows={lines}
      rowKey={(one) => `${one.revision} ${one.position ?? ""}`}
      rowLabel={(one) => `${one.tool} by ${one.person_name ?? one.model}`}
      onEnd={onEnd}
      columns={[
        { key: "at", title: "When", width: "6.5rem", cell: (one) => <TimeAgo at={one.at} /> },
        { key: "who", title: "Who", cell: (one) => <Who project={project} line={one} /> },
        { key: "tool", title: "Tool", width: "8rem", wideOnly: true, cell: (one) => <Truncated>{one.undoes ? `${one.tool} (takes one back)` : one.tool}</Truncated> },
        { key: "model", title: "Model", wideOnly: true, cell: (one) => <Truncated c="dimmed">{one.model || "–"}</Truncated> },
        { key: "with", title: "With", wideOnly: true, cell: (one) => <Truncated c="dimmed">{parameterWords(one.parameters) || one.message || "–"}</Truncated> },
        {
          key: "where",
          title: "Image",
          wideOnly: true,
          cell: (one) => <Where project={project} line={one} />,
        },
        {
          key: "back",
          title: "",
          width: "6.5rem",
          align: "right",
          cell: (one) =>
            (one.person !== null || one.model !== "") && (
              <Button size="compact-xs" variant="subtle" onClick={() => onRevert(one)} aria-label={`Take back edits of ${one.model || (one.person_name ?? "")}`}>
                Take back…
              </Button>
            ),
        },
      ]}
    />
  );
}
