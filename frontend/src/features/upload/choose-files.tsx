import { Alert, Button, Group, List, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, data } from "@/api/client";
import { formatBytes, plural } from "@/lib/format";
import { DataTable } from "@/ui/data-table";
import { ErrorNotice } from "@/ui/error-notice";
import { StateBadge } from "@/ui/state-badge";
import { Truncated } from "@/ui/truncated";
import { DropZone } from "./drop-zone";
import { previewOf, type FoundFile, type Part, type Preview } from "./pairing";
import { addFiles, type PickedFile } from "./picked-file";
import { uploadQuery } from "./queries";
import { startRun } from "./runs";
import classes from "./upload.module.css";

/** First the files, then what they will become, then off they go. */
export function ChooseFiles({ dataset, onStart }: { dataset: string; onStart: (upload: string) => void }) {
  const [picked, setPicked] = useState<PickedFile[]>([]);
  const [accepted, setAccepted] = useState(false);
  const preview = useMemo(() => previewOf(picked.map((file) => file.path)), [picked]);
  const queries = useQueryClient();
  const announce = useMutation({
    mutationFn: () => {
      const files = picked.map(({ path, file }) => ({ path, size: file.size }));
      return data(api.POST("/api/v1/datasets/{id}/uploads/", { params: { path: { id: dataset } }, body: { files, labels_accepted: accepted } }));
    },
    onSuccess: (upload) => {
      queries.setQueryData(uploadQuery(upload.id).queryKey, upload);
      startRun(upload, picked);
      onStart(upload.id);
    },
  });
  const add = (more: PickedFile[]) => setPicked((now) => addFiles(now, more));
  if (picked.length === 0) return <FirstChoice onPick={add} />;
  const hasLabels = preview.files.some((file) => file.part === "labels" || file.part === "told");
  return (
    <Stack gap="md">
      <Summary picked={picked} preview={preview} />
      {hasLabels && (
        <Switch
          checked={accepted}
          onChange={(event) => setAccepted(event.currentTarget.checked)}
          label="These labels are reviewed"
          description="They come in as accepted: models may learn from them at once. Leave it off when somebody should look first."
        />
      )}
      <ErrorNotice error={announce.error} />
      <Group justify="space-between">
        <Button variant="subtle" color="gray" onClick={() => setPicked([])}>
          Start over
        </Button>
        <Button onClick={() => announce.mutate()} loading={announce.isPending}>
          Upload {plural(picked.length, "file")}
        </Button>
      </Group>
      <PreviewTable picked={picked} preview={preview} />
      <DropZone compact words="Drop more here" onPick={add} />
    </Stack>
  );
}

function FirstChoice({ onPick }: { onPick: (files: PickedFile[]) => void }) {
  return (
    <Stack gap="md">
      <DropZone onPick={onPick} />
      <div>
        <Text size="sm" fw={500} mb={4}>
          Labels come along when they are named so:
        </Text>
        <List size="sm" c="dimmed" spacing={2}>
          <List.Item>
            a folder <code>images/</code> beside <code>masks/</code> or <code>labels/</code>, with the same file names
          </List.Item>
          <List.Item>
            <code>x_masks.tif</code> or <code>x_labels.tif</code> beside <code>x.tif</code>
          </List.Item>
          <List.Item>
            Cell Tracking Challenge: <code>01/t000.tif …</code> with <code>01_GT/</code>
          </List.Item>
          <List.Item>
            tracks beside <code>x.tif</code>: TrackMate’s <code>x.xml</code>, <code>x_tracks.csv</code>, ImageJ regions <code>x_rois.zip</code>, a graph <code>x.geff</code>
          </List.Item>
          <List.Item>
            boxes or outlines with classes: Pascal VOC (<code>x.xml</code> for <code>x.jpg</code>) or one COCO <code>.json</code>
          </List.Item>
          <List.Item>
            classes of images or cells: a table with the columns <code>image</code>, <code>class</code> and for cells <code>cell</code>; or a folder for each class
          </List.Item>
          <List.Item>
            channels in files of their own become one image: <code>a_dapi.tif</code> beside <code>a_phase.tif</code>
          </List.Item>
        </List>
      </div>
    </Stack>
  );
}

function Summary({ picked, preview }: { picked: readonly PickedFile[]; preview: Preview }) {
  const bytes = picked.reduce((sum, { file }) => sum + file.size, 0);
  const figures = [
    [plural(preview.images, "image"), "to bring in"],
    [plural(preview.labelled, "image"), "with labels"],
    [formatBytes(bytes), plural(picked.length, "file")],
  ];
  return (
    <>
      <Group gap="xl">
        {figures.map(([figure, words]) => (
          <div key={words}>
            <Text className={classes.figure}>{figure}</Text>
            <Text size="xs" c="dimmed">
              {words}
            </Text>
          </div>
        ))}
      </Group>
      {preview.strays.length > 0 && (
        <Alert color="wait" variant="light" title={`${plural(preview.strays.length, "file")} will probably be refused`}>
          Labels without an image of the same name, or files of a kind that is not read. The rest comes in all the same; each refusal is explained beside its file.
        </Alert>
      )}
    </>
  );
}

const PART: Record<Part, string> = { image: "image", labels: "labels", table: "tracks", told: "boxes or classes", unknown: "not known" };

function PreviewTable({ picked, preview }: { picked: readonly PickedFile[]; preview: Preview }) {
  const sizes = useMemo(() => new Map(picked.map(({ path, file }) => [path, file.size])), [picked]);
  const stray = useMemo(() => new Set(preview.strays), [preview]);
  return (
    <DataTable<FoundFile>
      label="Files to upload"
      rows={preview.files}
      rowKey={(file) => file.path}
      rowLabel={(file) => file.path}
      maxHeight="46dvh"
      columns={[
        { key: "path", title: "File", cell: (file) => <Truncated>{file.path}</Truncated>, sortBy: (file) => file.path },
        { key: "part", title: "Taken as", width: "8rem", cell: (file) => <StateBadge tone={stray.has(file.path) ? "wait" : "quiet"}>{PART[file.part]}</StateBadge>, sortBy: (file) => file.part },
        { key: "of", title: "Belongs to", wideOnly: true, cell: (file) => (file.of ? <Truncated c="dimmed">{file.of}</Truncated> : null) },
        { key: "size", title: "Size", width: "6.5rem", align: "right", cell: (file) => formatBytes(sizes.get(file.path) ?? 0), sortBy: (file) => sizes.get(file.path) ?? 0 },
      ]}
    />
  );
}
