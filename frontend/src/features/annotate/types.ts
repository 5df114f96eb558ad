import type { TreeClass } from "@/api/schemas";
import type { Schema } from "@/api/types";
import type { CellFacts } from "@/editor";

/** Answers always carry every field; the document marks those with a default as optional. */
type Answer<Name extends keyof Schema> = Required<Schema[Name]>;

export type Image = Answer<"ImageOut">;
export type Branch = Answer<"BranchOut">;
export type Revision = Answer<"RevisionOut">;
export type LabelClass = Pick<Answer<"LabelClassOut">, "id" | "name" | "color" | "archived"> & Partial<Pick<TreeClass, "axis" | "digit" | "depth" | "path">>;
export type Note = Answer<"NoteOut">;
export type Task = Answer<"TaskOut">;
export type ListedCell = Pick<Schema["CellOut"], "cell" | "first_t" | "last_t"> & { readonly facts: CellFacts };
/** One cell in one frame that differs between the base of a task and what was handed in; facts have no frame. */
export type ChangedCell = Pick<Schema["ChangeOut"], "cell" | "change" | "t" | "z" | "iou" | "y" | "x"> & Partial<Pick<Schema["ChangeOut"], "last_t">> & {
  /** What it was called before, where that is another name. */
  readonly baseCell?: number;
  /** Its name is one of the other side: nothing here can be selected by it. */
  readonly isElsewhere?: boolean;
};

export interface Page<Row> {
  count: number;
  next?: string | null;
  results: Row[];
}
