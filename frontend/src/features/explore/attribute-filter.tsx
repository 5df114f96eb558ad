import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CellAttribute } from "@/api/schemas";
import { useQueryValue, useSetQuery } from "@/ui/use-address";
import { attributeQuery } from "./queries";
import { isShown, SAID, UNSAID } from "./grid-order";

/** Which cells an attribute lets through, and by which values it sorts them. */
export interface AttributeFilterState {
  readonly attribute: CellAttribute | undefined;
  readonly texts: readonly string[];
  /** NaN: nobody said; null: no attribute is chosen, or it is being read. */
  readonly values: Float64Array | null;
  readonly passes: (row: number) => boolean;
  readonly error: Error | null;
  /** Another one: another order of cells. */
  readonly key: string;
}

/** The attribute and the value that the address names. */
export function useAttributeFilter(atlas: string, attributes: readonly CellAttribute[]): AttributeFilterState {
  const [id] = useQueryValue("attribute");
  const [value] = useQueryValue("value");
  const attribute = attributes.find((one) => one.id === id);
  const told = useQuery({ ...attributeQuery(atlas, attribute?.id ?? ""), enabled: attribute !== undefined });
  return useMemo(() => {
    const found = attribute && told.data;
    const values = found ? Float64Array.from(found.told, (one) => one ?? Number.NaN) : null;
    const passes = (row: number): boolean => !found || isShown(values?.[row] ?? Number.NaN, value, found.texts);
    return { attribute, texts: found?.texts ?? [], values, passes, error: told.error, key: `${attribute?.id ?? ""} ${value ?? ""}` };
  }, [attribute, told.data, told.error, value]);
}

const WORDS: Record<string, string> = { true: "yes", false: "no" };

/** Cells of one value of an attribute, or those of which nobody said one. */
export function AttributeFilter({ attributes, said }: { attributes: readonly CellAttribute[]; said: AttributeFilterState }) {
  const [value] = useQueryValue("value");
  const set = useSetQuery();
  const isFlag = said.attribute?.kind === "FLAG";
  const values = [{ value: "", label: "Any value" }, ...said.texts.map((text) => ({ value: `=${text}`, label: isFlag ? (WORDS[text] ?? text) : text })), { value: SAID, label: "Said" }, { value: UNSAID, label: "Not said" }];
  return (
    <>
      <Select size="xs" w={150} aria-label="Attribute" placeholder="Attribute" clearable data={attributes.map((one) => ({ value: one.id, label: one.name }))} value={said.attribute?.id ?? null} onChange={(id) => set({ attribute: id ?? undefined, value: undefined })} />
      {said.attribute && <Select size="xs" w={150} aria-label={`Value of ${said.attribute.name}`} allowDeselect={false} data={values} value={value ?? ""} onChange={(wanted) => set({ value: wanted || undefined })} />}
    </>
  );
}
