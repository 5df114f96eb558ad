import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { IconArrowMerge, IconChevronDown, IconEye, IconEyeOff, IconHelp, IconLock, IconLockOpen, IconTrash, IconX, type Icon } from "@tabler/icons-react";
import { plural } from "@/lib/format";
import type { CellFacts } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useBenchDoings } from "../bench/bench-page";
import { useEditor, useEditorState } from "../use-editor";
import type { CellRow } from "./cell-rows";
import classes from "./side.module.css";

/** What can be done with several cells at once; what takes away can be taken back from the notice that follows. */
export function BulkBar({ rows }: { rows: readonly CellRow[] }) {
  const { readOnly } = useBench();
  const editor = useEditor();
  const selected = useEditorState((state) => state.selected);
  const chooseAll = () => editor.dispatch({ kind: "select", cells: rows.map(({ cell }) => cell) });
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Selected cells">
      {selected.length > 1 ? <b className="num">{selected.length} selected</b> : <span className="num">{plural(rows.length, "cell")}</span>}
      {selected.length > 1 && !readOnly ? (
        <Doings selected={selected} rows={rows} />
      ) : (
        <Button size="compact-xs" variant="subtle" color="gray" disabled={rows.length < 2} onClick={chooseAll}>
          Select all listed
        </Button>
      )}
    </div>
  );
}

function Doings({ selected, rows }: { selected: readonly number[]; rows: readonly CellRow[] }) {
  const editor = useEditor();
  const { tell } = useBenchDoings();
  const { classes: labelClasses } = useBench();
  const set = (facts: Partial<CellFacts>, done: string) => {
    editor.dispatch({ kind: "cell.facts", cells: selected, facts });
    tell(`${plural(selected.length, "cell")} ${done}.`, true);
  };
  const giveClass = (id: string | null, done: string) => {
    editor.dispatch({ kind: "cell.class", cells: selected, class: id });
    tell(`${plural(selected.length, "cell")} ${done}.`, true);
  };
  const change = (kind: "cell.delete" | "cell.merge", done: string) => {
    const before = editor.state().labelsVersion;
    if (kind === "cell.delete") editor.dispatch({ kind, cells: selected });
    else editor.dispatch({ kind, into: selected[0] ?? 0, from: selected.slice(1) });
    if (editor.state().labelsVersion !== before) tell(`${plural(selected.length, "cell")} ${done}.`, true);
  };
  const chosen = new Set(selected);
  const some = rows.filter(({ cell }) => chosen.has(cell));
  const locked = some.length > 0 && some.every((row) => row.locked);
  const uncertain = some.length > 0 && some.every((row) => row.uncertain);
  const ignored = some.length > 0 && some.every((row) => row.ignored);
  return (
    <>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button size="compact-xs" variant="default" rightSection={<IconChevronDown size={12} aria-hidden />}>
            Class
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="60dvh" style={{ overflowY: "auto" }}>
          <Menu.Item onClick={() => giveClass(null, "without a class")}>No class</Menu.Item>
          {labelClasses.filter((one) => !one.archived).map(({ id, name, depth = 0 }) => (
            <Menu.Item key={id} pl={12 + 12 * depth} onClick={() => giveClass(id, `made “${name}”`)}>
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Do label={locked ? "Unlock them" : "Lock them"} icon={locked ? IconLockOpen : IconLock} onClick={() => set({ locked: !locked }, locked ? "unlocked" : "locked")} />
      <Do label={ignored ? "Learn from them again" : "Ignore them in training"} icon={ignored ? IconEye : IconEyeOff} onClick={() => set({ ignored: !ignored }, ignored ? "no longer ignored" : "ignored in training")} />
      <Do
        label={uncertain ? "They are certain" : "Uncertain what they are"}
        icon={IconHelp}
        onClick={() => {
          editor.dispatch({ kind: "cell.doubt", cells: selected, uncertain: !uncertain });
          tell(`${plural(selected.length, "cell")} ${uncertain ? "certain" : "uncertain"}.`, true);
        }}
      />
      <Do label="Merge them into the first" icon={IconArrowMerge} onClick={() => change("cell.merge", "merged into one")} />
      <Do label="Delete them" icon={IconTrash} onClick={() => change("cell.delete", "deleted")} />
      <Do label="Select none" icon={IconX} onClick={() => editor.dispatch({ kind: "select", cells: [] })} />
    </>
  );
}

function Do({ label, icon: Icon, onClick }: { label: string; icon: Icon; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        <Icon size={15} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
