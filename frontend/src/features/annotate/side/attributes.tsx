import { useQuery } from "@tanstack/react-query";
import { attributesFor, schemaQuery } from "@/api/schemas";
import { classesOf, type AttributeValue } from "@/editor";
import { useBench } from "../bench/bench-context";
import { useEditor, useEditorState } from "../use-editor";
import { AttributeField } from "./attribute-field";
import classes from "./side.module.css";

/** What can be said of these cells beside their classes; a value that all share is shown. */
export function Attributes({ cells }: { cells: readonly number[] }) {
  const editor = useEditor();
  const { project, readOnly } = useBench();
  const version = useEditorState((state) => state.labelsVersion);
  const schema = useQuery(schemaQuery(project)).data;
  if (!schema || version < 0 || cells.length === 0) return null;
  const facts = cells.map((cell) => editor.facts(cell));
  const attributes = attributesFor(schema, facts.flatMap(classesOf));
  if (attributes.length === 0) return null;
  const shared = (id: string): AttributeValue | null => {
    const values = new Set(facts.map((one) => one?.attributes?.[id] ?? null));
    return values.size === 1 ? [...values][0] : null;
  };
  return (
    <div className={classes.attributes} role="group" aria-label="Attributes">
      {attributes.map((one) => (
        <AttributeField
          key={`${one.id} ${cells.join(" ")}`}
          attribute={one}
          label={one.name}
          value={shared(one.id)}
          disabled={readOnly}
          onChange={(value) => editor.dispatch({ kind: "cell.attribute", cells, attribute: one.id, value })}
        />
      ))}
    </div>
  );
}
