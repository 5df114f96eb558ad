import { Checkbox, Text } from "@mantine/core";
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { IconPencil } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { thumbnailOf, type Image } from "@/api/datasets";
import { IconLink } from "@/ui/link";
import { StateBadge } from "@/ui/state-badge";
import { Thumbnail } from "@/ui/thumbnail";
import { useRowKeys, type Selection } from "@/ui/use-row-keys";
import classes from "./image-grid.module.css";
import { editorAddress, fileName, labelState, shortSizeWords, sizeWords } from "./image-words";

export interface ImageListProps {
  project: string;
  images: readonly Image[];
  selection: Selection;
  onOpen: (image: Image) => void;
  /** Called near the end of what is at hand. */
  onEnd: () => void;
}

const CARD_PX = 176;
const GAP_PX = 12;
const WORDS_PX = 62;

/** Thumbnails in rows; only the rows in view are drawn. Arrows move, Enter opens, Space selects. */
export function ImageGrid({ project, images, selection, onOpen, onEnd }: ImageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const { ref, width } = useElementSize();
  const columns = Math.max(2, Math.floor((width + GAP_PX) / (CARD_PX + GAP_PX)));
  const cardPx = Math.floor((width - GAP_PX * (columns - 1)) / columns);
  const rows = Math.ceil(images.length / columns);
  const virtual = useVirtualizer({ count: rows, getScrollElement: () => box.current, estimateSize: () => cardPx + WORDS_PX + GAP_PX, overscan: 3 });
  useEffect(() => virtual.measure(), [cardPx, virtual]);
  // Before the width is known a card would fill half of the page.
  const drawn = width > 0 ? virtual.getVirtualItems() : [];
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows - 3) onEnd();
  }, [last, rows, onEnd]);
  const ids = useMemo(() => images.map((image) => image.id), [images]);
  const keys = useRowKeys({ ids, selection, box, columns, reveal: (index) => virtual.scrollToIndex(Math.floor(index / columns)), onOpen: (index) => onOpen(images[index]) });
  return (
    <div ref={useMergedRef(box, ref)} className={classes.box} role="list" aria-label="Images" onKeyDown={keys.onKeyDown} onFocus={keys.onFocus}>
      <div className={classes.inner} style={{ height: virtual.getTotalSize() }}>
        {drawn.map((row) => (
          <div key={row.key} className={classes.row} style={{ transform: `translateY(${row.start}px)`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
            {images.slice(row.index * columns, (row.index + 1) * columns).map((image, at) => {
              const index = row.index * columns + at;
              return <Card key={image.id} project={project} image={image} index={index} focusable={index === keys.active} selected={selection.selected.has(image.id)} onOpen={onOpen} onPick={keys.pick} />;
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

interface CardProps {
  project: string;
  image: Image;
  index: number;
  focusable: boolean;
  selected: boolean;
  onOpen: (image: Image) => void;
  onPick: (index: number, extend: boolean) => void;
}

function Card({ project, image, index, focusable, selected, onOpen, onPick }: CardProps) {
  const state = labelState(image);
  const click = (event: React.MouseEvent) => {
    if ((event.target as Element).closest("a, input, label")) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) onPick(index, event.shiftKey);
    else onOpen(image);
  };
  return (
    <div className={classes.card} role="listitem" data-selected={selected || undefined} aria-label={`${image.name}, ${state.word}`} tabIndex={focusable ? 0 : -1} data-row={index} onClick={click}>
      <Thumbnail src={image.state === "READY" ? thumbnailOf(image.id) : null} />
      <Checkbox size="xs" className={classes.check} tabIndex={-1} aria-label={`Select ${image.name}`} checked={selected} readOnly onClick={(event) => onPick(index, event.shiftKey)} />
      <IconLink to={editorAddress(project, image)} className={classes.edit} variant="filled" size={28} tabIndex={-1} aria-label={`Open ${image.name} in the editor`} title="Open in the editor">
        <IconPencil size={16} />
      </IconLink>
      <div className={classes.words}>
        <Text size="sm" truncate title={image.name}>
          {fileName(image)}
        </Text>
        <Text size="xs" c="dimmed" truncate className="num" title={sizeWords(image)}>
          {shortSizeWords(image)}
        </Text>
        <StateBadge tone={state.tone}>{state.word}</StateBadge>
      </div>
    </div>
  );
}
