import { Group, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useMemo } from "react";
import { thumbnailOf, type Image } from "@/api/datasets";
import { DataTable, type Column } from "@/ui/data-table";
import { IconLink } from "@/ui/link";
import { StateBadge } from "@/ui/state-badge";
import { Thumbnail } from "@/ui/thumbnail";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";
import type { ImageListProps } from "./image-grid";
import { editorAddress, fileName, folderName, labelState } from "./image-words";

export function ImageTable({ project, images, selection, onOpen, onEnd }: ImageListProps) {
  const columns = useMemo(() => columnsOf(project), [project]);
  return (
    <DataTable<Image>
      label="Images"
      columns={columns}
      rows={images}
      rowKey={(image) => image.id}
      rowLabel={(image) => image.name}
      selection={selection}
      onOpen={onOpen}
      onEnd={onEnd}
      maxHeight="calc(100dvh - 230px)"
    />
  );
}

function columnsOf(project: string): Column<Image>[] {
  return [
    { key: "name", title: "Name", cell: (image) => <NameCell image={image} />, sortBy: (image) => image.name },
    { key: "state", title: "Labels", width: "10.5rem", cell: (image) => <LabelsCell image={image} />, sortBy: (image) => labelState(image).order },
    { key: "revision", title: "Revision", width: "6rem", align: "right", wideOnly: true, cell: (image) => <RevisionCell image={image} />, sortBy: (image) => image.current_branch?.head_number ?? 0 },
    { key: "t", title: "Frames", width: "5.2rem", align: "right", wideOnly: true, cell: (image) => image.size_t, sortBy: (image) => image.size_t },
    { key: "c", title: "Channels", width: "6rem", align: "right", wideOnly: true, cell: (image) => image.size_c, sortBy: (image) => image.size_c },
    { key: "size", title: "Pixels", width: "7.5rem", align: "right", wideOnly: true, cell: (image) => `${image.size_y} × ${image.size_x}`, sortBy: (image) => image.size_y * image.size_x },
    { key: "added", title: "Added", width: "7rem", wideOnly: true, cell: (image) => <TimeAgo at={image.created_at} />, sortBy: (image) => image.created_at },
    {
      key: "edit",
      title: "",
      width: "52px",
      cell: (image) => (
        <IconLink to={editorAddress(project, image)} variant="subtle" aria-label={`Open ${image.name} in the editor`} title="Open in the editor">
          <IconPencil size={16} />
        </IconLink>
      ),
    },
  ];
}

function NameCell({ image }: { image: Image }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Thumbnail src={image.state === "READY" ? thumbnailOf(image.id) : null} size={30} />
      <div style={{ minWidth: 0 }}>
        <Truncated>{fileName(image)}</Truncated>
        {folderName(image) && (
          <Text size="xs" c="dimmed" truncate lh={1.15}>
            {folderName(image)}
          </Text>
        )}
      </div>
    </Group>
  );
}

/** The number, and the branch when it is not the one that every image has. */
function RevisionCell({ image }: { image: Image }) {
  const branch = image.current_branch;
  if (!branch?.head_number) return "–";
  return (
    <>
      {branch.head_number}
      {branch.name !== "main" && (
        <Truncated size="xs" c="dimmed" lh={1.15}>
          {branch.name}
        </Truncated>
      )}
    </>
  );
}

function LabelsCell({ image }: { image: Image }) {
  const state = labelState(image);
  return <StateBadge tone={state.tone}>{state.word}</StateBadge>;
}
