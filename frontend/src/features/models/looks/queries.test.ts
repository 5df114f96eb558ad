import { describe, expect, it } from "vitest";
import { addresses } from "@/lib/addresses";
import { cropAddress, readSpot, writeSpot } from "./queries";

describe("L11 a cell in the address of the page", () => {
  const spot = { image: "i", t: 3, z: 0, cell: 7, branch: "b", revision: 2 };

  it("is read back as it was written", () => {
    expect(readSpot(writeSpot(spot))).toEqual(spot);
    expect(readSpot("i,0,0,4")).toEqual({ image: "i", t: 0, z: 0, cell: 4 });
  });

  it("is nothing where the address says nonsense", () => {
    expect([readSpot(undefined), readSpot(""), readSpot("i,a,0,1"), readSpot("i,-1,0,1")]).toEqual([null, null, null, null]);
  });

  it("names the labels that the cell is of", () => {
    expect(cropAddress("m", spot)).toBe("/api/v1/trained-models/m/cell-crop/?image=i&t=3&z=0&cell=7&branch=b&revision=2");
  });
});

it("L11 reads the cell that the editor asks about, with the labels that it was seen on", () => {
  const spot = { image: "i", t: 2, z: 1, cell: 7, branch: "b", revision: 3 };
  const address = new URL(addresses.explain("p", "m", spot), "http://house");
  expect(address.pathname + address.hash).toBe("/projects/p/models/m#looks");
  expect(readSpot(address.searchParams.get("why") ?? undefined)).toEqual(spot);
  expect(new URL(addresses.explain("p", "m", { image: "i", t: 0, z: 0, cell: 7 }), "http://house").searchParams.get("why")).toBe("i,0,0,7");
});
