/** What the cells of a project may be: classes as a tree, attributes, how many classes a cell carries. */
import { queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import { ALL } from "./paging";
import type { Schema } from "./types";

export type CellSchema = Schema["SchemaOut"];
export type CellAttribute = Required<Schema["AttributeOut"]>;
export type SchemaVersion = Schema["SchemaVersionOut"];
export type ClassRule = CellSchema["rule"];
type LabelClass = Required<Schema["LabelClassOut"]>;

/** A class in the order of the tree: how deep it lies, its way from the root, its digit, and what it excludes. */
export interface TreeClass extends LabelClass {
  readonly depth: number;
  readonly path: string;
  /** Classes of one axis exclude each other. */
  readonly axis: string;
  readonly digit: number | null;
}

export interface ArrangedSchema {
  readonly number: number;
  readonly rule: ClassRule;
  readonly classes: TreeClass[];
  readonly attributes: CellAttribute[];
}

export const schemaQuery = (project: string) =>
  queryOptions({
    queryKey: ["schema", project],
    queryFn: () => data(api.GET("/api/v1/projects/{id}/schema/", { params: { path: { id: project } } })),
    select: arranged,
    staleTime: 60_000,
  });

export const schemaVersionsQuery = (project: string) =>
  queryOptions({
    queryKey: ["schema", project, "versions"],
    queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/schema/versions/", { params: { path: { id: project }, query: ALL } }))).results,
  });

/** Parents before children, in the order of the schema; archived ones last. */
export function arranged(schema: CellSchema): ArrangedSchema {
  const rows = schema.classes as LabelClass[];
  const known = new Map(rows.map((row) => [row.id, row]));
  const lineOf = (row: LabelClass): LabelClass[] => lineFrom(row, known);
  const inUse = rows.filter((row) => !row.archived);
  const under = (parent: string | null): LabelClass[] =>
    inUse.filter((row) => (row.parent && !known.get(row.parent)?.archived ? row.parent : null) === parent).flatMap((row) => [row, ...under(row.id)]);
  const ordered = [...under(null), ...rows.filter((row) => row.archived)];
  const digits = digitsOf(ordered);
  const axis = (row: LabelClass): string => (schema.rule === "ONE" ? "" : schema.rule === "ANY" ? row.id : (lineOf(row).at(-1) ?? row).id);
  const classes = ordered.map((row) => {
    const line = lineOf(row);
    return { ...row, depth: line.length - 1, path: line.map(({ name }) => name).reverse().join(" / "), axis: axis(row), digit: digits.get(row.id) ?? null };
  });
  return { number: schema.number, rule: schema.rule, classes, attributes: schema.attributes as CellAttribute[] };
}

/** The class and those above it; a ring ends where it began. */
function lineFrom(row: LabelClass, known: ReadonlyMap<string, LabelClass>): LabelClass[] {
  const line: LabelClass[] = [];
  for (let at: LabelClass | undefined = row; at && !line.includes(at); at = at.parent ? known.get(at.parent) : undefined) line.push(at);
  return line;
}

/** Digits of their own first; the others take what is free, in order. */
function digitsOf(classes: readonly LabelClass[]): Map<string, number> {
  const inUse = classes.filter((one) => !one.archived);
  const digits = new Map(inUse.filter((one) => one.key).map((one) => [one.id, Number(one.key)]));
  const taken = new Set(digits.values());
  const free = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((digit) => !taken.has(digit));
  inUse.filter((one) => !one.key).forEach((one, at) => free[at] !== undefined && digits.set(one.id, free[at]));
  return digits;
}

/** The attributes of a cell that carries these classes: those of every cell, and of these classes and the ones above. */
export function attributesFor({ classes, attributes }: ArrangedSchema, carried: readonly string[]): CellAttribute[] {
  const known = new Map(classes.map((one) => [one.id, one as LabelClass]));
  const lines = new Set(carried.flatMap((id) => (known.has(id) ? lineFrom(known.get(id) as LabelClass, known).map((one) => one.id) : [])));
  return attributes.filter((one) => !one.archived && (one.label_class === null || lines.has(one.label_class)));
}
