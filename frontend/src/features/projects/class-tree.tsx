import { ActionIcon, Group, Menu, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconDots, IconGripVertical } from "@tabler/icons-react";
import { useState, type DragEvent, type KeyboardEvent } from "react";
import type { ArrangedSchema, TreeClass } from "@/api/schemas";
import { CLASS_COLOURS } from "@/ui/palette";
import { MergeDialog, SplitDialog } from "./class-dialogs";
import { droppedOn, movedBy, type Place, type Way } from "./class-order";
import classes from "./classes-page.module.css";
import { DeleteClass } from "./delete-class";
import { ColourChoice } from "./new-class";
import { useClassChange, useMove, type Migration } from "./schema-changes";

interface ClassTreeProps {
  project: string;
  schema: ArrangedSchema;
  mayChange: boolean;
  onPreview: (migration: Migration) => void;
}

const WAYS: Record<string, Way> = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };

/** Classes as a tree: dragged onto one another, or moved by Alt and arrows. Archived ones stand below. */
export function ClassTree({ project, schema, mayChange, onPreview }: ClassTreeProps) {
  const rows = schema.classes.filter((one) => !one.archived);
  const archived = schema.classes.filter((one) => one.archived);
  const move = useMove(project, schema.rule !== "BRANCH", onPreview);
  const [dragged, setDragged] = useState<string | null>(null);
  const put = (row: TreeClass, to: Place | null) => to && move.mutate({ id: row.id, from: row.parent, to });
  const drop = (on: string | null) => {
    const row = rows.find(({ id }) => id === dragged);
    if (row) put(row, droppedOn(rows, row.id, on));
    setDragged(null);
  };
  return (
    <>
      <ol className={classes.list} aria-label="Classes">
        {rows.map((row, index) => (
          <li
            key={`${row.id} ${row.name} ${row.color}`}
            className={classes.row}
            style={{ paddingInlineStart: `${Math.min(row.depth, 6) * 1.4}rem` }}
            aria-label={row.path}
            data-dragged={dragged === row.id || undefined}
            draggable={mayChange}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = "move";
              setDragged(row.id);
            }}
            onDragEnd={() => setDragged(null)}
            onDragOver={(event: DragEvent) => dragged && dragged !== row.id && event.preventDefault()}
            onDrop={() => drop(row.id)}
            onKeyDown={(event: KeyboardEvent) => {
              const way = event.altKey ? WAYS[event.key] : undefined;
              if (!way || !mayChange) return;
              event.preventDefault();
              put(row, movedBy(rows, row.id, way));
            }}
          >
            <ClassRow project={project} schema={schema} row={row} rows={rows} index={index} mayChange={mayChange} onWay={(way) => put(row, movedBy(rows, row.id, way))} onPreview={onPreview} />
          </li>
        ))}
      </ol>
      {dragged && (
        <div className={classes.top} onDragOver={(event) => event.preventDefault()} onDrop={() => drop(null)}>
          Drop here for the top of the tree
        </div>
      )}
      {mayChange && (
        <Text size="xs" c="dimmed" mt={6}>
          Drag a class onto another, or press Alt and an arrow in its name: up, down, in, out.
        </Text>
      )}
      {archived.length > 0 && <Archived project={project} rows={archived} mayChange={mayChange} />}
    </>
  );
}

interface ClassRowProps extends ClassTreeProps {
  row: TreeClass;
  rows: readonly TreeClass[];
  index: number;
  onWay: (way: Way) => void;
}

function ClassRow({ project, schema, row, rows, index, mayChange, onWay, onPreview }: ClassRowProps) {
  const [name, setName] = useState(row.name);
  const [colour, setColour] = useState(row.color || CLASS_COLOURS[0]);
  const change = useClassChange(project);
  const saveName = () => {
    if (name.trim() && name !== row.name) change.mutate({ id: row.id, body: { name: name.trim() } });
    else setName(row.name);
  };
  return (
    <>
      {mayChange && <IconGripVertical size={14} aria-hidden className={classes.grip} />}
      <Text size="xs" c="dimmed" w={16} ta="right" className="num" title={row.digit ? `Key ${row.digit} in the editor` : undefined}>
        {row.digit ?? ""}
      </Text>
      <ColourChoice name={row.name} value={colour} disabled={!mayChange} onChange={setColour} onDone={(color) => change.mutate({ id: row.id, body: { color } })} />
      <TextInput flex={1} miw="7rem" aria-label={`Name of class ${index + 1}`} readOnly={!mayChange} value={name} onChange={(event) => setName(event.currentTarget.value)} onBlur={saveName} onKeyDown={(event) => event.key === "Enter" && saveName()} />
      {mayChange && (
        <Group gap={2} wrap="nowrap">
          <ActionIcon variant="subtle" color="gray" aria-label={`Move ${row.name} up`} disabled={!movedBy(rows, row.id, "up")} onClick={() => onWay("up")}>
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={`Move ${row.name} down`} disabled={!movedBy(rows, row.id, "down")} onClick={() => onWay("down")}>
            <IconArrowDown size={16} />
          </ActionIcon>
          <ClassMenu project={project} schema={schema} row={row} rows={rows} onWay={onWay} onPreview={onPreview} />
        </Group>
      )}
    </>
  );
}

type Asking = "merge" | "split" | "delete" | null;

function ClassMenu({ project, schema, row, rows, onWay, onPreview }: Omit<ClassRowProps, "mayChange" | "index">) {
  const [asking, setAsking] = useState<Asking>(null);
  const change = useClassChange(project);
  const close = () => setAsking(null);
  const dialog = { schema, row, onClose: close, onPreview: (migration: Migration) => (close(), onPreview(migration)) };
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${row.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown mah="60dvh" style={{ overflowY: "auto" }}>
          <Menu.Item disabled={!movedBy(rows, row.id, "in")} onClick={() => onWay("in")}>
            Below the one before it
          </Menu.Item>
          <Menu.Item disabled={row.parent === null} onClick={() => onWay("out")}>
            Out, behind the one above it
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => setAsking("merge")}>Merge into another, or remove …</Menu.Item>
          <Menu.Item onClick={() => setAsking("split")}>Split a class off …</Menu.Item>
          <Menu.Item onClick={() => change.mutate({ id: row.id, body: { archived: true } })}>Archive: cells keep it</Menu.Item>
          <Menu.Item color="bad" onClick={() => setAsking("delete")}>
            Delete, if no cell ever had it …
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Key in the editor</Menu.Label>
          {["", ..."123456789"].map((key) => (
            <Menu.Item key={key} aria-current={row.key === key || undefined} fw={row.key === key ? 700 : undefined} onClick={() => change.mutate({ id: row.id, body: { key } })}>
              {key === "" ? "A free one" : key}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {asking === "merge" && <MergeDialog {...dialog} />}
      {asking === "split" && <SplitDialog {...dialog} />}
      {asking === "delete" && <DeleteClass project={project} row={row} onClose={close} />}
    </>
  );
}

function Archived({ project, rows, mayChange }: { project: string; rows: readonly TreeClass[]; mayChange: boolean }) {
  const change = useClassChange(project);
  return (
    <details className={classes.archived}>
      <summary>{rows.length} archived</summary>
      <ul className={classes.list}>
        {rows.map((one) => (
          <li key={one.id} className={classes.row}>
            <span className={classes.dot} style={{ background: one.color }} aria-hidden />
            <Text size="sm" flex={1} miw={0} style={{ overflowWrap: "anywhere" }}>
              {one.path}
            </Text>
            {mayChange && (
              <ActionIcon variant="subtle" color="gray" aria-label={`Bring ${one.name} back`} onClick={() => change.mutate({ id: one.id, body: { archived: false } })}>
                <IconArrowUp size={16} />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
