/** What people say a cell is: one main class and further ones, attributes, and whether they are sure. The same as in Python. */
import type { AttributeValue, CellFacts } from "./edit";

/** Class id → its axis: of one axis a cell carries one class. */
export type Axis = (labelClass: string) => string;

export const ONE_AXIS: Axis = () => "";

/** The main one first. */
export function classesOf(facts: CellFacts | null): readonly string[] {
  return facts?.class == null ? [] : [facts.class, ...(facts.also ?? [])];
}

/** The first is the main one; each counts once. */
export function withClasses(facts: CellFacts, classes: readonly string[]): CellFacts {
  const [main = null, ...also] = [...new Set(classes)];
  return tidied({ ...facts, class: main, also: also.sort() });
}

/** This class in the place of those that it excludes; null: without any. */
export function given(facts: CellFacts, labelClass: string | null, axis: Axis = ONE_AXIS): CellFacts {
  if (labelClass === null) return withClasses(facts, []);
  const there = classesOf(facts);
  const kept = there.filter((one) => axis(one) !== axis(labelClass));
  const isMain = !there[0] || !kept.includes(there[0]);
  return withClasses(facts, isMain ? [labelClass, ...kept] : [...kept, labelClass]);
}

export const without = (facts: CellFacts, labelClass: string): CellFacts => withClasses(facts, classesOf(facts).filter((one) => one !== labelClass));

/** Null takes the attribute away. */
export function withAttribute(facts: CellFacts, id: string, value: AttributeValue | null): CellFacts {
  const rest = Object.entries(facts.attributes ?? {}).filter(([name]) => name !== id);
  return tidied({ ...facts, attributes: Object.fromEntries(value === null ? rest : [...rest, [id, value]]) });
}

/** What is empty is left out, as in JSON. */
export function tidied({ also = [], attributes = {}, uncertain = false, ...plain }: CellFacts): CellFacts {
  const names = Object.keys(attributes).sort();
  return {
    ...plain,
    ...(also.length > 0 && { also }),
    ...(names.length > 0 && { attributes: Object.fromEntries(names.map((name) => [name, attributes[name]])) }),
    ...(uncertain && { uncertain }),
  };
}
