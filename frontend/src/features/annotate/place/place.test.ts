import { describe, expect, it } from "vitest";
import { parsePlace, writePlace, type Place } from "./place";

const place: Place = {
  t: 12,
  z: 3,
  camera: { y: 512.5, x: 80.25, zoom: 4 },
  channels: [
    { visible: true, color: "#2ec4b6", min: 120, max: 3802, gamma: 1, invert: false },
    { visible: false, color: "#ff00aa", min: -0.125, max: 0.75, gamma: 0.8, invert: true },
  ],
  cells: [41, 7],
  overlay: { visible: true, fillOpacity: 0.35, outlines: false, colourBy: "track", grid: true, names: "number", palette: "blue-orange" },
  crosshair: { y: 40.5, x: 1200.5 },
  panes: "ortho,link~c0-2~t1",
  branch: "6f2c",
  revision: 7,
  task: "9a",
};

describe("a place in the address bar", () => {
  it("V8 keeps a place far out on a slide to less than a screen pixel at 64 ×", () => {
    const camera = { y: 99_999.48765, x: 12_345.67891, zoom: 63.99999 };
    const back = parsePlace(writePlace({ camera })).camera ?? { y: 0, x: 0, zoom: 0 };
    expect(Math.abs(back.x - camera.x) * 64).toBeLessThan(0.01);
    expect(Math.abs(back.y - camera.y) * 64).toBeLessThan(0.01);
  });

  it("V8 comes back as it was written", () => {
    expect(parsePlace(writePlace(place))).toEqual(place);
  });

  it("survives a real address, commas and minus signs included", () => {
    const address = new URLSearchParams(writePlace(place)).toString();
    expect(parsePlace(Object.fromEntries(new URLSearchParams(address)))).toEqual(place);
  });

  it("reads numbers that the router has parsed already", () => {
    expect(parsePlace({ t: 4, z: 0, cell: 9 })).toEqual({ t: 4, z: 0, cells: [9] });
  });

  it("says nothing about what is not there", () => {
    expect(writePlace({ t: 0 })).toEqual({ t: "0" });
    expect(parsePlace({})).toEqual({});
  });

  it.each([
    [{ t: "-1" }],
    [{ t: "1.5" }],
    [{ cell: "twelve" }],
    [{ cell: "4,x" }],
    [{ cross: "12" }],
    [{ ov: "cell_2_og_none_clear" }],
    [{ ov: "cell_0.2_og_none_pink" }],
    [{ at: "1,2" }],
    [{ at: "1,2,0" }],
    [{ at: "1,2,Infinity" }],
    [{ ch: "2ec4b6_10_10_1_" }],
    [{ ch: "red_0_10_1_" }],
    [{ ch: "2ec4b6_0_10_0_" }],
  ])("leaves out what makes no sense: %o", (search) => {
    expect(parsePlace(search)).toEqual({});
  });
});
