import { Group, SegmentedControl, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconLayoutGrid, IconList, IconPhotoOff, IconSearch, IconUpload } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { imagesQuery, type Dataset, type Image, type ImageFilter } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { useQueryValue, useSetQuery } from "@/ui/use-address";
import { ImageGrid } from "./image-grid";
import { ImageTable } from "./image-table";
import { RefusedNotice } from "./refused-notice";
import { SelectionBar } from "./selection-bar";

type Show = "all" | "bare" | "labelled" | "accepted";

const FILTERS: Record<Show, ImageFilter> = { all: {}, bare: { labelled: false }, labelled: { labelled: true }, accepted: { accepted: true } };

/** The images of a dataset as a grid or a table, with search, filter and selection. */
export function ImageBrowser({ project, dataset, mayManage }: { project: string; dataset: Dataset; mayManage: boolean }) {
  const [search] = useQueryValue("search");
  const [shown] = useQueryValue("show");
  const [view] = useQueryValue("view");
  const show = shown && shown in FILTERS ? (shown as Show) : "all";
  const list = useInfiniteQuery(imagesQuery({ dataset: dataset.id, search, ...FILTERS[show] }));
  const images = useMemo(() => list.data?.pages.flatMap((page) => page.results) ?? [], [list.data]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const open = useOpenImage();
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  if (dataset.image_count === 0 && !list.isPending && images.length === 0 && !search && show === "all") {
    return <NoImages project={project} dataset={dataset} mayManage={mayManage} />;
  }
  const View = view === "table" ? ImageTable : ImageGrid;
  return (
    <Stack gap="sm">
      <RefusedNotice project={project} dataset={dataset.id} />
      <Toolbar show={show} view={view} search={search} found={list.data?.pages[0].count} total={dataset.image_count} />
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.isPending && <Skeleton height={320} />}
      {list.data && images.length === 0 && (
        <EmptyState icon={<IconPhotoOff size={36} stroke={1.2} />} title="No image fits">
          Change the search or the filter above.
        </EmptyState>
      )}
      {images.length > 0 && <View project={project} images={images} selection={{ selected, onChange: setSelected }} onOpen={open} onEnd={more} />}
      <SelectionBar project={project} all={images} selected={selected} mayManage={mayManage} onClear={() => setSelected(new Set())} />
    </Stack>
  );
}

function useOpenImage(): (image: Image) => void {
  const setQuery = useSetQuery();
  return useCallback((image) => setQuery({ image: image.id }), [setQuery]);
}

interface ToolbarProps {
  show: Show;
  view: string | undefined;
  search: string | undefined;
  found: number | undefined;
  total: number;
}

function Toolbar({ show, view, search, found, total }: ToolbarProps) {
  const setQuery = useSetQuery();
  const [typed, setTyped] = useState(search ?? "");
  const searchSoon = useDebouncedCallback((value: string) => setQuery({ search: value.trim() || undefined }), 250);
  return (
    <Group gap="sm">
      <TextInput
        w={{ base: "100%", xs: 240 }}
        aria-label="Search images by name"
        placeholder="Search by name"
        leftSection={<IconSearch size={15} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          searchSoon(event.currentTarget.value);
        }}
      />
      <SegmentedControl
        aria-label="Which images"
        value={show}
        onChange={(value) => setQuery({ show: value === "all" ? undefined : (value ?? undefined) })}
        data={[
          { value: "all", label: "All" },
          { value: "bare", label: "No labels" },
          { value: "labelled", label: "Labelled" },
          { value: "accepted", label: "Accepted" },
        ]}
      />
      <Text size="sm" c="dimmed" className="num" role="status" flex={1}>
        {found === undefined ? "" : found === total ? plural(total, "image") : `${formatCount(found)} of ${plural(total, "image")}`}
      </Text>
      <SegmentedControl
        aria-label="View"
        value={view === "table" ? "table" : "grid"}
        onChange={(value) => setQuery({ view: value === "table" ? "table" : undefined })}
        data={[
          { value: "grid", label: <ViewIcon icon={<IconLayoutGrid size={16} aria-hidden />} name="Grid" /> },
          { value: "table", label: <ViewIcon icon={<IconList size={16} aria-hidden />} name="Table" /> },
        ]}
      />
    </Group>
  );
}

function ViewIcon({ icon, name }: { icon: React.ReactNode; name: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      {icon} <span>{name}</span>
    </Group>
  );
}

function NoImages({ project, dataset, mayManage }: { project: string; dataset: Dataset; mayManage: boolean }) {
  return (
    <EmptyState
      icon={<IconUpload size={44} stroke={1.2} />}
      title="No images in this dataset"
      action={mayManage && <ButtonLink to={addresses.upload(project, dataset.id)}>Bring in images</ButtonLink>}
    >
      {mayManage ? "Drop files or whole folders; label images that lie beside them come along." : "A manager of the team brings images in; then they appear here."}
    </EmptyState>
  );
}
