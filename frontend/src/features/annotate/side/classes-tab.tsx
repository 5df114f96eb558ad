import { Kbd, UnstyledButton } from "@mantine/core";
import { addresses } from "@/lib/addresses";
import { TextLink } from "@/ui/link";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorState } from "../use-editor";
import classes from "./side.module.css";

/** The project's classes: a click says which class the selected cells are of. */
export function ClassesTab() {
  const { classes: labelClasses, project } = useBench();
  if (labelClasses.length === 0) {
    return (
      <p className={classes.hint}>
        This project has no classes: every cell is just a cell. A manager can add some on the <TextLink to={addresses.classes(project)}>classes page</TextLink>, for example “mitotic” and “dead”.
      </p>
    );
  }
  return (
    <ul className={classes.list} aria-label="Classes">
      {[{ id: null, name: "No class", color: undefined }, ...labelClasses].map(({ id, name, color }) => (
        <li key={id ?? "none"}>
          <ClassButton id={id} name={name} color={color} />
        </li>
      ))}
    </ul>
  );
}

function ClassButton({ id, name, color }: { id: string | null; name: string; color: string | undefined }) {
  const editor = useEditor();
  const { readOnly } = useBench();
  const selected = useEditorState((state) => state.selected);
  const first = selected[0];
  const version = useEditorState((state) => state.labelsVersion);
  const chosen = version >= 0 && first !== undefined && (editor.facts(first)?.class ?? null) === id;
  return (
    <UnstyledButton
      className={classes.entry}
      aria-pressed={chosen}
      disabled={readOnly || selected.length === 0}
      onClick={() => editor.dispatch({ kind: "cell.facts", cells: selected, facts: { class: id } })}
    >
      <span className={classes.line}>
        <span className={classes.chip} style={{ "--chip": color }}>
          {name}
        </span>
        {chosen && <Kbd size="xs">{selected.length > 1 ? `${selected.length} cells` : `cell ${first}`}</Kbd>}
      </span>
    </UnstyledButton>
  );
}
