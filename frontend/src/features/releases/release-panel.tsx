import { Alert, Button, Code, Group, Select, Skeleton, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconArrowBackUp, IconDownload, IconFingerprint, IconGitBranch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/projects";
import { formatBytes, formatCount, formatDateTime, plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { CopyField } from "@/ui/copy-field";
import { ErrorNotice } from "@/ui/error-notice";
import { FormDialog } from "@/ui/form-dialog";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { Comparison } from "./comparison";
import { authorName, branchRelease, packageRelease, proveRelease, readExport, releaseQuery, restoreRelease, type Format, type Release, type ReleaseDetail } from "./queries";

const FORMATS: { value: Format; label: string }[] = [
  { value: "OME_TIFF", label: "OME-TIFF, images and labels" },
  { value: "LABEL_TIFF", label: "Label TIFF" },
  { value: "CTC", label: "Cell Tracking Challenge" },
  { value: "COCO", label: "COCO" },
  { value: "GEFF", label: "GEFF" },
  { value: "TRACKMATE", label: "TrackMate" },
  { value: "TRACK_TABLE", label: "Table of tracks" },
  { value: "IMAGEJ_ROI", label: "ImageJ ROIs" },
  { value: "GEOJSON", label: "GeoJSON" },
  { value: "MEASURES", label: "Measurements" },
];

/** One release: what is in it, its papers, its package, and the ways back to it. */
export function ReleasePanel({ project, id, others }: { project: string; id: string; others: readonly Release[] }) {
  const release = useQuery(releaseQuery(id));
  if (release.error) return <ErrorNotice error={release.error} onRetry={() => void release.refetch()} />;
  if (!release.data) return <Skeleton height={320} />;
  return (
    <Stack gap="md">
      <Panel title={`${release.data.title} ${release.data.name}`}>
        <Stack gap="sm">
          {release.data.notes && <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{release.data.notes}</Text>}
          <Facts release={release.data} />
          <CopyField label="Digest (SHA-256 over all contents)" value={release.data.digest} />
          <Ways project={project} release={release.data} />
          <Package release={release.data} />
        </Stack>
      </Panel>
      <Panel title="Compare">
        <Comparison project={project} release={release.data} others={others} />
      </Panel>
      <Panel title="How to cite">
        <Code block style={{ maxHeight: 280, overflow: "auto" }}>
          {release.data.citation}
        </Code>
        <Button component="a" mt="xs" size="compact-sm" variant="default" href={`/api/v1/releases/${id}/citation/`} download="CITATION.cff" leftSection={<IconDownload size={14} aria-hidden />}>
          CITATION.cff
        </Button>
      </Panel>
    </Stack>
  );
}

function Facts({ release }: { release: ReleaseDetail }) {
  const { counts } = release;
  const rows: [string, string][] = [
    ["Contents", `${plural(counts.images, "image")}, ${plural(counts.cells, "cell")}, ${formatCount(counts.accepted)} of the images accepted by a reviewer`],
    ["Classes", Object.entries(counts.classes).map(([name, count]) => `${name || "none"} ${formatCount(count)}`).join(", ") || "none"],
    ["Labelled by", [...counts.people, ...counts.models].join(", ") || "nobody named"],
    ["Authors", release.authors.map(authorName).join(", ") || "none named"],
    ["Licence", release.licence || "none named"],
    ["Made", `${formatDateTime(release.created_at)}${release.created_by ? ` by ${release.created_by.name}` : ""}`],
  ];
  return (
    <Table withRowBorders={false} verticalSpacing={3} horizontalSpacing={0}>
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w="7rem" fw={400} c="dimmed" style={{ verticalAlign: "top" }}>
              {name}
            </Table.Th>
            <Table.Td className="num" style={{ overflowWrap: "anywhere" }}>
              {value}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Is it whole, back to it, on from it. */
function Ways({ project, release }: { project: string; release: ReleaseDetail }) {
  const [dialog, setDialog] = useState<"restore" | "branch" | null>(null);
  const mayManage = useMay(project, "MANAGER");
  const mayLabel = useMay(project, "ANNOTATOR");
  const proof = useMutation({ mutationFn: () => proveRelease(release.id) });
  return (
    <>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" loading={proof.isPending} leftSection={<IconFingerprint size={14} aria-hidden />} onClick={() => proof.mutate()}>
          Check the digest
        </Button>
        {mayLabel && (
          <Button size="compact-sm" variant="default" leftSection={<IconGitBranch size={14} aria-hidden />} onClick={() => setDialog("branch")}>
            Branch from it
          </Button>
        )}
        {mayManage && (
          <Button size="compact-sm" variant="default" leftSection={<IconArrowBackUp size={14} aria-hidden />} onClick={() => setDialog("restore")}>
            Restore
          </Button>
        )}
      </Group>
      <ErrorNotice error={proof.error} />
      {proof.data && (
        <Alert p="xs" variant="light" color={proof.data.is_whole ? "good" : "bad"} role="status">
          {proof.data.is_whole ? "Every image and every label was read again: the digest is the same." : `The contents give another digest. Different: ${proof.data.differing.join(", ") || "the list itself"}.`}
        </Alert>
      )}
      {dialog === "restore" && <Restore release={release} onClose={() => setDialog(null)} />}
      {dialog === "branch" && <Branch release={release} onClose={() => setDialog(null)} />}
    </>
  );
}

function useAfter(said: (count: number) => string, onClose: () => void) {
  const queries = useQueryClient();
  return async ({ revisions }: { revisions: readonly { message?: string }[] }) => {
    await Promise.all([["branches"], ["images"], ["annotate"], ["cells"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
    const kept = revisions.filter(({ message }) => message?.includes("locked")).length;
    toast.done(`${said(revisions.length)}${kept > 0 ? ` In ${plural(kept, "image")} locked cells stay as they are; the history names them.` : ""}`);
    onClose();
  };
}

function Restore({ release, onClose }: { release: ReleaseDetail; onClose: () => void }) {
  const restore = useMutation({
    mutationFn: () => restoreRelease(release.id),
    onSuccess: useAfter((count) => (count === 0 ? "Nothing had changed since." : `${plural(count, "image")} are as in ${release.name} again.`), onClose),
  });
  return (
    <ConfirmDialog opened title={`Restore ${release.name}?`} confirm="Restore" busy={restore.isPending} error={restore.error} onConfirm={() => restore.mutate()} onClose={onClose}>
      The labels of {plural(release.counts.images, "image")} become what they are in this release, each as a new revision. Nothing is lost: the present labels stay in the history. Locked cells stay as they are, and what was accepted goes back to review.
    </ConfirmDialog>
  );
}

function Branch({ release, onClose }: { release: ReleaseDetail; onClose: () => void }) {
  const [name, setName] = useState(`from ${release.name}`);
  const branch = useMutation({
    mutationFn: () => branchRelease(release.id, name.trim()),
    onSuccess: useAfter((count) => `The branch ${name} begins on ${plural(count, "image")}.`, onClose),
  });
  return (
    <FormDialog title="Branch from this release" submit="Make branch" busy={branch.isPending} error={branch.error} onSubmit={() => name.trim() && branch.mutate()} onClose={onClose}>
      <Text size="sm">A second line of labels on every image, beginning as this release. The present labels stay as they are.</Text>
      <TextInput label="Name of the branch" value={name} maxLength={190} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
    </FormDialog>
  );
}

const WATCH_MS = 1_500;

/** One zip with images, labels, CITATION.cff, README.md and release.json; written once. */
function Package({ release }: { release: ReleaseDetail }) {
  const [format, setFormat] = useState<Format>("OME_TIFF");
  const ask = useMutation({ mutationFn: () => packageRelease(release.id, format) });
  const asked = ask.data?.id;
  const written = useQuery({
    queryKey: ["exports", asked],
    queryFn: () => readExport(asked ?? ""),
    enabled: asked !== undefined,
    refetchInterval: (query) => (query.state.data?.state === "DONE" || query.state.data?.state === "FAILED" ? false : WATCH_MS),
  }).data;
  return (
    <Stack gap={6}>
      <Group gap="xs" align="flex-end">
        <Select size="xs" w={240} label="Package" allowDeselect={false} data={FORMATS} value={format} onChange={(value) => setFormat(value ?? format)} />
        <Button size="xs" variant="default" loading={ask.isPending} onClick={() => ask.mutate()}>
          Prepare
        </Button>
        {written?.state === "DONE" && (
          <Button size="xs" component="a" href={`/api/v1/exports/${written.id}/download/`} download leftSection={<IconDownload size={14} aria-hidden />}>
            Download {formatBytes(written.size_bytes ?? 0)}
          </Button>
        )}
        {written && (written.state === "PENDING" || written.state === "RUNNING") && (
          <Text size="xs" c="dimmed" role="status">
            Writing the package…
          </Text>
        )}
      </Group>
      {written?.message && (
        <Text size="xs" c={written.state === "FAILED" ? "bad" : "dimmed"}>
          {written.message}
        </Text>
      )}
      <ErrorNotice error={ask.error} />
    </Stack>
  );
}
