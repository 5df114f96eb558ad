/** All points of an atlas as the server packs them: a JSON head, then one array a column. */

export interface AtlasImage {
  id: string;
  name: string;
}

interface Head {
  count: number;
  groups: number;
  images: AtlasImage[];
  columns: { name: string; dtype: "u4" | "i4" | "f4"; at: number }[];
}

export type Column = Uint32Array | Int32Array | Float32Array;

export interface Columns {
  count: number;
  groups: number;
  images: AtlasImage[];
  names: string[];
  of: (name: string) => Column;
}

const KINDS = { u4: Uint32Array, i4: Int32Array, f4: Float32Array } as const;
const MEASURE = "measure: ";

export function unpack(bytes: ArrayBuffer): Columns {
  const size = new DataView(bytes).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, size))) as Head;
  const arrays = new Map<string, Column>(head.columns.map(({ name, dtype, at }) => [name, new KINDS[dtype](bytes, 4 + size + at, head.count)]));
  const of = (name: string) => {
    const found = arrays.get(name);
    if (!found) throw new Error(`The atlas has no column “${name}”.`);
    return found;
  };
  return { count: head.count, groups: head.groups, images: head.images, names: [...arrays.keys()], of };
}

/** What can stand on an axis or colour the points: column name → what people read. */
export function measuresOf(columns: Columns): { value: string; label: string }[] {
  const own = columns.names.filter((name) => name.startsWith(MEASURE)).map((name) => ({ value: name, label: measureWords(name.slice(MEASURE.length)) }));
  return [...own, { value: "outlier", label: "outlier score" }];
}

/** `area_px` → "area, px" */
const measureWords = (name: string): string => name.replace(/_(px|um|px2|um2)$/, ", $1").replaceAll("_", " ");
