import { ActionIcon, Group, Kbd, Switch, Tooltip, UnstyledButton } from "@mantine/core";
import { IconLock, IconLockOpen } from "@tabler/icons-react";
import { classesOf } from "@/editor";
import { addresses } from "@/lib/addresses";
import { TextLink } from "@/ui/link";
import { useBench } from "../bench/bench-context";
import { useBenchPage } from "../bench/bench-page";
import { useLetters } from "../bench/key-names";
import { useEditor, useEditorState } from "../use-editor";
import { Attributes } from "./attributes";
import classes from "./side.module.css";

/** The project's classes: a click says which class the selected cells are of. */
export function ClassesTab() {
  const { classes: labelClasses, project, readOnly } = useBench();
  const { classMode, show } = useBenchPage();
  const letter = useLetters()("classes.mode");
  if (labelClasses.length === 0) {
    return (
      <>
      <p className={classes.hint}>
        This project has no classes: every cell is just a cell. A manager can add some on the <TextLink to={addresses.classes(project)}>classes page</TextLink>, for example “mitotic” and “dead”.
      </p>
      <OfSelected />
      </>
    );
  }
  return (
    <>
      {!readOnly && (
        <Group px="sm" py={8}>
          <Switch size="xs" label={`Digits 0–9 say the class${letter ? ` (${letter})` : ""}`} checked={classMode} onChange={(event) => show({ classMode: event.currentTarget.checked })} />
        </Group>
      )}
      <ul className={classes.list} aria-label="Classes">
        {[NO_CLASS, ...labelClasses.filter((one) => !one.archived)].map(({ id, name, color, depth = 0, digit = null }) => (
          <li key={id ?? "none"} className={classes.classLine} style={{ paddingLeft: `${0.9 * depth}rem` }}>
            <ClassButton id={id} name={name} color={color} digit={digit} />
            {id !== null && !readOnly && <ClassLock id={id} name={name} />}
          </li>
        ))}
      </ul>
      <OfSelected />
    </>
  );
}

const NO_CLASS = { id: null, name: "No class", color: undefined, depth: 0, digit: 0 };

/** Doubt and attributes of the selected cells. */
function OfSelected() {
  const editor = useEditor();
  const { readOnly } = useBench();
  const selected = useEditorState((state) => state.selected);
  const version = useEditorState((state) => state.labelsVersion);
  const letter = useLetters()("cell.doubt");
  const there = version < 0 ? [] : selected.filter((cell) => editor.facts(cell));
  if (there.length === 0) return null;
  const doubted = there.every((cell) => editor.facts(cell)?.uncertain);
  return (
    <section className={classes.attributesTab} aria-label="Of the selected cells">
      <Switch size="xs" label={`Uncertain${letter ? ` (${letter})` : ""}`} disabled={readOnly} checked={doubted} onChange={(event) => editor.dispatch({ kind: "cell.doubt", cells: there, uncertain: event.currentTarget.checked })} />
      <Attributes cells={there} />
    </section>
  );
}

/** No tool touches cells of a locked class. */
function ClassLock({ id, name }: { id: string; name: string }) {
  const editor = useEditor();
  const locks = useEditorState((state) => state.toolOptions.lockedClasses);
  const locked = locks.includes(id);
  const Icon = locked ? IconLock : IconLockOpen;
  const label = locked ? `Unlock all cells of class ${name}` : `Lock all cells of class ${name}`;
  const toggle = () => editor.dispatch({ kind: "tool.options", options: { lockedClasses: locked ? locks.filter((other) => other !== id) : [...locks, id] } });
  return (
    <Tooltip label={label}>
      <ActionIcon size="sm" variant={locked ? "light" : "subtle"} color={locked ? "wait" : "gray"} aria-label={label} aria-pressed={locked} onClick={toggle}>
        <Icon size={14} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function ClassButton({ id, name, color, digit }: { id: string | null; name: string; color: string | undefined; digit: number | null }) {
  const { classMode } = useBenchPage();
  const editor = useEditor();
  const { readOnly } = useBench();
  const selected = useEditorState((state) => state.selected);
  const first = selected[0];
  const version = useEditorState((state) => state.labelsVersion);
  const chosen = version >= 0 && first !== undefined && (id === null ? !editor.facts(first)?.class : classesOf(editor.facts(first)).includes(id));
  return (
    <UnstyledButton
      className={classes.entry}
      aria-pressed={chosen}
      disabled={readOnly || selected.length === 0}
      onClick={() => editor.dispatch({ kind: "cell.class", cells: selected, class: id })}
    >
      <span className={classes.line}>
        <span className={classes.chip} style={{ "--chip": color }}>
          {classMode && digit !== null && <Kbd size="xs">{digit}</Kbd>}
          {name}
        </span>
        {chosen && <Kbd size="xs">{selected.length > 1 ? `${selected.length} cells` : `cell ${first}`}</Kbd>}
      </span>
    </UnstyledButton>
  );
}
