import { Button, Drawer, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconPencil, IconRoute, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { imageQuery, thumbnailOf, type Image } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { StateBadge } from "@/ui/state-badge";
import { Thumbnail } from "@/ui/thumbnail";
import { useQueryValue } from "@/ui/use-address";
import { ImageFacts } from "./image-facts";
import { ImageHistory } from "./image-history";
import { editorAddress, labelState, sizeWords } from "./image-words";
import { DeleteImages } from "./selection-bar";

/** One image in full, at the right of its list; which one stands in the address. */
export function ImageDrawer({ project, mayManage }: { project: string; mayManage: boolean }) {
  const [id, setId] = useQueryValue("image");
  const image = useQuery({ ...imageQuery(id ?? ""), enabled: id !== undefined });
  const close = () => setId(undefined);
  return (
    <Drawer opened={id !== undefined} onClose={close} position="right" size="30rem" title={image.data?.name ?? "Image"} closeButtonProps={{ "aria-label": "Close" }} styles={{ title: { overflowWrap: "anywhere", fontWeight: 600 } }}>
      <ErrorNotice error={image.error} />
      {id && image.isPending && <Skeleton height={320} />}
      {image.data && <Details key={image.data.id} project={project} image={image.data} mayManage={mayManage} onGone={close} />}
    </Drawer>
  );
}

function Details({ project, image, mayManage, onGone }: { project: string; image: Image; mayManage: boolean; onGone: () => void }) {
  const [deleting, setDeleting] = useState(false);
  const state = labelState(image);
  return (
    <Stack gap="lg">
      <Group wrap="nowrap" align="flex-start" gap="md">
        <Thumbnail src={image.state === "READY" ? thumbnailOf(image.id) : null} size={148} />
        <Stack gap={6} miw={0}>
          <StateBadge tone={state.tone}>{state.word}</StateBadge>
          <Text size="sm" className="num">
            {sizeWords(image)}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {image.dtype}
            {image.group && image.group !== image.name && ` · group ${image.group}`}
          </Text>
          <ButtonLink to={editorAddress(project, image)} leftSection={<IconPencil size={16} aria-hidden />} mt={4} w="fit-content" data-autofocus>
            Open in the editor
          </ButtonLink>
          {mayManage && image.size_t > 1 && state.word !== "no labels" && (
            <ButtonLink to={addresses.trackCells(project, { images: [image.id] })} variant="default" leftSection={<IconRoute size={16} aria-hidden />} w="fit-content">
              Track cells
            </ButtonLink>
          )}
          {state.word !== "no labels" && (
            <TextLink to={addresses.movie(project, image.id)} size="sm">
              {image.size_t > 1 ? "Tracks and measurements" : "Measurements"}
            </TextLink>
          )}
        </Stack>
      </Group>
      <ImageFacts image={image} mayManage={mayManage} />
      <ImageHistory project={project} image={image} />
      {mayManage && (
        <Button variant="subtle" color="bad" w="fit-content" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setDeleting(true)}>
          Delete image
        </Button>
      )}
      {deleting && <DeleteImages images={[image.id]} onClose={() => setDeleting(false)} onDone={onGone} />}
    </Stack>
  );
}
