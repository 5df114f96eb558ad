import { Button, SegmentedControl, Select, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { classesQuery, useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam, useQueryValue } from "@/ui/use-address";
import { CellCrops } from "./cell-crops";
import { ChosenPanel } from "./chosen-panel";
import { byClass, byGroup, byImage, byValue } from "./colouring";
import { measuresOf, type Columns } from "./columns";
import { GridView } from "./grid-view";
import { Legend } from "./legend";
import { PickedPanel } from "./picked-panel";
import { PointCanvas, type Tool } from "./point-canvas";
import { atlasQuery, cellClassesQuery, deleteAtlas, pointsQuery, type Atlas } from "./queries";
import type { Place } from "./scene";
import classes from "./explore.module.css";

export function AtlasPage() {
  const [project, id] = [useParam("projectId"), useParam("atlasId")];
  const atlas = useQuery(atlasQuery(id));
  const points = useQuery(pointsQuery(id));
  const error = atlas.error ?? points.error;
  if (error) return <ErrorNotice error={error} onRetry={() => void points.refetch()} />;
  if (!atlas.data) return <Skeleton height={520} />;
  return (
    <>
      <PageHeader
        above={
          <TextLink to={addresses.explore(project)} size="xs">
            Explore
          </TextLink>
        }
        title={atlas.data.name}
        subtitle={<span className="num">{`${formatCount(atlas.data.point_count)} cells in ${formatCount(atlas.data.group_count)} groups, compared by ${atlas.data.made_of}`}</span>}
        actions={<DeleteMap project={project} atlas={atlas.data} />}
      />
      {points.data ? <AtlasView project={project} atlas={id} columns={points.data} /> : <Skeleton height={520} />}
    </>
  );
}

function AtlasView({ project, atlas, columns }: { project: string; atlas: string; columns: Columns }) {
  const measures = useMemo(() => measuresOf(columns), [columns]);
  const [plane = "map", setPlane] = useQueryValue("plane");
  const [xName = measures[0]?.value ?? "outlier", setX] = useQueryValue("x");
  const [yName = measures[3]?.value ?? "outlier", setY] = useQueryValue("y");
  const [colour = "group", setColour] = useQueryValue("colour");
  const [tool, setTool] = useState<Tool>("move");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [picked, setPicked] = useState<number | null>(null);
  const [hover, setHover] = useState<{ number: number; at: Place } | null>(null);
  const known = useQuery(classesQuery(project)).data;
  const told = useQuery(cellClassesQuery(atlas)).data;
  const isMap = plane === "map";
  const isGrid = plane === "grid";
  const points = useMemo(
    () => ({ x: Float32Array.from(columns.of(isMap ? "map_x" : xName)), y: Float32Array.from(columns.of(isMap ? "map_y" : yName)) }),
    [columns, isMap, xName, yName],
  );
  const colouring = useMemo(() => {
    if (colour === "group") return byGroup(columns);
    if (colour === "image") return byImage(columns);
    if (colour === "class") return byClass(told?.told ?? new Uint8Array(columns.count), told?.known ?? [], known ?? []);
    return byValue(columns.of(colour));
  }, [colour, columns, told, known]);
  const chooseKind = (kind: number) => {
    if (colouring.kinds) setChosen(new Set([...colouring.kinds.keys()].filter((row) => colouring.kinds?.[row] === kind)));
  };
  const nameOf = (value: string) => measures.find((one) => one.value === value)?.label ?? value;
  return (
    <div className={classes.columns}>
      <Stack gap="xs" miw={0}>
        <Group gap="xs" align="flex-end">
          <SegmentedControl size="xs" aria-label="Plane" data={[{ value: "map", label: "Map" }, { value: "scatter", label: "Scatter" }, { value: "grid", label: "Crops" }]} value={plane} onChange={setPlane} />
          {!isMap && !isGrid && <Select size="xs" w={150} aria-label="Across" data={measures} value={xName} allowDeselect={false} onChange={(value) => setX(value ?? undefined)} />}
          {!isMap && !isGrid && <Select size="xs" w={150} aria-label="Up" data={measures} value={yName} allowDeselect={false} onChange={(value) => setY(value ?? undefined)} />}
          {!isGrid && (
            <>
          <Select
            size="xs"
            w={170}
            aria-label="Colour by"
            allowDeselect={false}
            data={[{ value: "group", label: "Colour: group" }, { value: "class", label: "Colour: class" }, { value: "image", label: "Colour: image" }, ...measures.map(({ value, label }) => ({ value, label: `Colour: ${label}` }))]}
            value={colour}
            onChange={(value) => setColour(value ?? undefined)}
          />
          <SegmentedControl
            size="xs"
            aria-label="Tool"
            data={[{ value: "move", label: "Move" }, { value: "lasso", label: "Lasso" }, { value: "box", label: "Box" }]}
            value={tool}
            onChange={(value) => setTool(value)}
          />
            </>
          )}
        </Group>
        {isGrid ? (
          <GridView project={project} atlas={atlas} columns={columns} measures={measures} known={known ?? []} told={told} chosen={chosen} picked={picked} onChoose={setChosen} onPick={setPicked} />
        ) : (
          <>
        <div style={{ position: "relative" }}>
          <PointCanvas
            points={points}
            colours={colouring.of}
            chosen={chosen}
            picked={picked}
            square={isMap}
            tool={tool}
            label={isMap ? "Map of cells" : `Cells by ${nameOf(xName)} and ${nameOf(yName)}`}
            axes={isMap ? undefined : { x: nameOf(xName), y: nameOf(yName) }}
            onHover={(number, at) => setHover(number === null ? null : { number, at })}
            onPick={setPicked}
            onGate={(numbers) => setChosen(new Set(numbers))}
          />
          {hover && (
            <div className={classes.tip} style={{ left: Math.max(0, hover.at.x - 40), top: hover.at.y + 14 }}>
              <CellCrops atlas={atlas} numbers={[hover.number]} label="The cell under the pointer" />
              cell {columns.of("cell")[hover.number]}
            </div>
          )}
        </div>
        <Text size="xs" c="dimmed">
          Drag to move, scroll to zoom, double-click to see all. Click a cell for its likes; draw around cells with the lasso or the box to label them.
        </Text>
          </>
        )}
      </Stack>
      <Stack gap="md" miw={0}>
        {!isGrid && <Legend colouring={colouring} onChoose={chooseKind} />}
        <ChosenPanel project={project} atlas={atlas} chosen={chosen} columns={columns} onClear={() => setChosen(new Set())} />
        <PickedPanel project={project} atlas={atlas} columns={columns} measures={measures} picked={picked} onPick={setPicked} />
      </Stack>
    </div>
  );
}

function DeleteMap({ project, atlas }: { project: string; atlas: Atlas }) {
  const [asked, setAsked] = useState(false);
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayDelete = useMay(project, "MANAGER");
  const remove = useMutation({
    mutationFn: () => deleteAtlas(atlas.id),
    onSuccess: async () => {
      await navigate({ to: addresses.explore(project) });
      await client.invalidateQueries({ queryKey: ["atlases"] });
    },
  });
  if (!mayDelete) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked(true)}>
        Delete
      </Button>
      <ConfirmDialog opened={asked} title="Delete this map?" confirm="Delete map" busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={() => setAsked(false)}>
        The map, its groups and its vectors go. Classes that were given with its help stay.
      </ConfirmDialog>
    </>
  );
}
