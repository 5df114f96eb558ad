import { describe, expect, it } from "vitest";
import { measuresOf, unpack } from "./columns";

function packed(): ArrayBuffer {
  const head = { count: 2, groups: 1, images: [{ id: "a", name: "one" }], columns: [{ name: "cell", dtype: "u4", at: 0 }, { name: "measure: area_px", dtype: "f4", at: 8 }] };
  let text = JSON.stringify(head);
  while ((text.length + 4) % 8) text += " ";
  const bytes = new ArrayBuffer(4 + text.length + 16);
  new DataView(bytes).setUint32(0, text.length, true);
  new Uint8Array(bytes, 4).set(new TextEncoder().encode(text));
  new Uint32Array(bytes, 4 + text.length, 2).set([7, 9]);
  new Float32Array(bytes, 12 + text.length, 2).set([1.5, 2.5]);
  return bytes;
}

describe("columns of an atlas", () => {
  it("are read where the head says they lie", () => {
    const columns = unpack(packed());
    expect([...columns.of("cell")]).toEqual([7, 9]);
    expect([...columns.of("measure: area_px")]).toEqual([1.5, 2.5]);
    expect(measuresOf(columns)[0]).toEqual({ value: "measure: area_px", label: "area, px" });
    expect(() => columns.of("nothing")).toThrow("no column");
  });
});
