import { ActionIcon, Group, Select, Skeleton, Text, Tooltip } from "@mantine/core";
import { IconSortAscending, IconSortDescending } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { LabelClass } from "@/api/projects";
import { schemaQuery } from "@/api/schemas";
import { plural } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { useQueryValue } from "@/ui/use-address";
import { AttributeFilter, useAttributeFilter } from "./attribute-filter";
import type { Columns } from "./columns";
import { CropGrid } from "./crop-grid";
import { IGNORED, inOrder, UNCERTAIN } from "./grid-order";
import { likenessQuery, reviewQuery } from "./queries";

const NONE = "none";
const GONE = 255;

interface GridViewProps {
  project: string;
  atlas: string;
  columns: Columns;
  measures: readonly { value: string; label: string }[];
  known: readonly LabelClass[];
  told: { known: readonly string[]; told: Uint8Array } | undefined;
  chosen: ReadonlySet<number>;
  picked: number | null;
  onChoose: (chosen: ReadonlySet<number>) => void;
  onPick: (number: number) => void;
}

/** All cells of the map as pictures, the oddest, the least sure, or the most alike to one first. */
export function GridView({ project, atlas, columns, measures, known, told, chosen, picked, onChoose, onPick }: GridViewProps) {
  const [sort = "outlier", setSort] = useQueryValue("sort");
  const [way, setWay] = useQueryValue("way");
  const [show, setShow] = useQueryValue("show");
  const [like, setLike] = useQueryValue("like");
  const review = useQuery(reviewQuery(atlas, columns.count));
  const asked = like !== undefined && /^\d+$/.test(like) ? Number(like) : picked;
  const likeness = useQuery({ ...likenessQuery(atlas, asked ?? 0), enabled: sort === "likeness" && asked !== null });
  const attributes = useQuery(schemaQuery(project)).data?.attributes.filter((one) => !one.archived) ?? [];
  const said = useAttributeFilter(atlas, attributes);
  const descending = way === undefined ? DOWN.has(sort) : way === "down";
  const values = useMemo(() => {
    if (sort === "likeness") return likeness.data ?? null;
    if (sort === "quality") return review.data?.quality ?? null;
    if (sort === "disagreement") return review.data?.disagreement ?? null;
    if (sort === "attribute" && said.values) return said.values;
    return columns.names.includes(sort) ? columns.of(sort) : columns.of("outlier");
  }, [sort, columns, likeness.data, review.data, said.values]);
  const order = useMemo(() => {
    const classes = told?.told;
    const flags = review.data?.flags;
    const place = show === undefined || show === NONE || show === "ignored" || show === "uncertain" ? 0 : (told?.known.indexOf(show) ?? -1) + 1;
    const passes = (row: number): boolean => {
      if (classes?.[row] === GONE || !said.passes(row)) return false;
      if (show === undefined) return true;
      if (show === "uncertain") return ((flags?.[row] ?? 0) & UNCERTAIN) !== 0;
      return show === "ignored" ? ((flags?.[row] ?? 0) & IGNORED) !== 0 : (classes?.[row] ?? 0) === place;
    };
    return values && inOrder(values, descending, passes);
  }, [values, descending, told, show, review.data, said]);
  // The rows of the grid stand still while these are the same functions.
  const [colourOf, titleOf] = useMemo(() => {
    const classOf = (number: number): LabelClass | undefined => known.find((one) => one.id === told?.known[(told.told[number] ?? 0) - 1]);
    const cells = columns.of("cell");
    return [(number: number) => classOf(number)?.color, (number: number) => `Cell ${cells[number]}, ${classOf(number)?.name ?? "no class"}`] as const;
  }, [known, told, columns]);
  const choose = (value: string | null) => {
    if (value === "likeness" && picked !== null) setLike(String(picked));
    setSort(value ?? undefined);
  };
  const sorts = [
    { value: "outlier", label: "Oddness" },
    { value: "likeness", label: asked === null ? "Likeness (click a cell first)" : "Likeness to one cell", disabled: asked === null },
    { value: "quality", label: "Confidence" },
    { value: "disagreement", label: "Class unlike its likes" },
    ...(said.attribute ? [{ value: "attribute", label: `Attribute ${said.attribute.name}` }] : []),
    { value: "group", label: "Group" },
    { value: "image", label: "Image" },
    ...measures.filter(({ value }) => value !== "outlier"),
  ];
  const shows = [{ value: "all", label: "All cells" }, ...known.map(({ id, name }) => ({ value: id, label: name })), { value: NONE, label: "No class" }, { value: "ignored", label: "Not for training" }, { value: "uncertain", label: "Uncertain" }];
  return (
    <>
      <Group gap="xs">
        <Select size="xs" w={210} aria-label="Sort by" allowDeselect={false} data={sorts} value={sort} onChange={choose} />
        <Tooltip label={descending ? "Highest first" : "Lowest first"}>
          <ActionIcon variant="default" size={30} aria-label={descending ? "Highest first; change" : "Lowest first; change"} onClick={() => setWay(descending ? "up" : "down")}>
            {descending ? <IconSortDescending size={16} aria-hidden /> : <IconSortAscending size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
        <Select size="xs" w={170} aria-label="Show" allowDeselect={false} data={shows} value={show ?? "all"} onChange={(value) => setShow(value === "all" ? undefined : (value ?? undefined))} />
        {attributes.length > 0 && <AttributeFilter attributes={attributes} said={said} />}
        {order && (
          <Text size="xs" c="dimmed" className="num">
            {plural(order.length, "cell")}
          </Text>
        )}
      </Group>
      <ErrorNotice error={review.error ?? likeness.error ?? said.error} />
      {order ? (
        <CropGrid
          key={`${sort} ${String(descending)} ${show ?? ""} ${said.key} ${sort === "likeness" ? String(asked) : ""}`}
          atlas={atlas}
          order={order}
          flags={review.data?.flags}
          colourOf={colourOf}
          titleOf={titleOf}
          chosen={chosen}
          onChoose={onChoose}
          onPick={onPick}
        />
      ) : (
        <Skeleton height={520} />
      )}
      <Text size="xs" c="dimmed">
        Click a cell to choose it, Shift for all up to it, Ctrl to add one; arrows, Space and Ctrl+A do the same. The line below a crop has the colour of its class.
      </Text>
    </>
  );
}

/** What is looked at first is the odd and the contradictory, but the least sure and the most alike. */
const DOWN = new Set(["outlier", "disagreement"]);
