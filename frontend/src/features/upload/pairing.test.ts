import { describe, expect, it } from "vitest";
import { previewOf } from "./pairing";

const of = (paths: string[]) => Object.fromEntries(previewOf(paths).files.map((file) => [file.path, file.of]));

describe("what is told beside images", () => {
  it("boxes go to the image of their name, tables to no single one, and neither is a stray", () => {
    const { files, labelled, strays } = previewOf(["set/JPEGImages/a.jpg", "set/Annotations/a.xml", "set/classes.csv"]);
    expect(files.map(({ part, of }) => [part, of])).toEqual([
      ["image", null],
      ["told", "set/JPEGImages/a.jpg"],
      ["told", null],
    ]);
    expect([labelled, strays]).toEqual([1, []]);
  });
});

describe("tracks of other programs", () => {
  it("go to the image of their name and are no images themselves", () => {
    const paths = ["a.tif", "a_rois.zip", "b.tif", "b.geff/nodes/ids/zarr.json", "c.tif", "c_tracks.csv"];
    const preview = previewOf(paths);
    expect([preview.images, preview.labelled, preview.strays]).toEqual([3, 3, []]);
    expect(of(paths)).toMatchObject({ "a_rois.zip": "a.tif", "b.geff/nodes/ids/zarr.json": "b.tif", "c_tracks.csv": "c.tif" });
  });

  it("other channels of a sequence are no movies of their own", () => {
    const preview = previewOf(["m/01/t000.tif", "m/01_C2/t000.tif", "m/01_channels.txt", "m/01_GT/TRA/man_track000.tif"]);
    expect([preview.images, preview.labelled, preview.strays]).toEqual([1, 1, []]);
  });
});

describe("what will be paired", () => {
  it("pairs images/ with masks/ and labels/ by stem", () => {
    const preview = previewOf(["set/images/a.tif", "set/images/b.tif", "set/masks/a.png", "set/labels/b.ome.tif"]);
    expect(preview).toMatchObject({ images: 2, labelled: 2, strays: [] });
    expect(of(["set/images/a.tif", "set/masks/a.png"])["set/masks/a.png"]).toBe("set/images/a.tif");
  });

  it("pairs x_masks.tif and x_labels.tif beside x.tif", () => {
    expect(of(["x.tif", "x_masks.tif", "y.tif", "y_labels.png"])).toMatchObject({ "x_masks.tif": "x.tif", "y_labels.png": "y.tif" });
  });

  it("does not pair across folders", () => {
    expect(previewOf(["one/images/a.tif", "two/masks/a.tif"])).toMatchObject({ labelled: 0, strays: ["two/masks/a.tif"] });
  });

  it("counts the frames of a Cell Tracking Challenge sequence as one image with labels", () => {
    const frames = ["t000.tif", "t001.tif", "t002.tif"].map((name) => `set/01/${name}`);
    const truth = ["set/01_GT/TRA/man_track000.tif", "set/01_GT/TRA/man_track.txt", "set/01_GT/SEG/man_seg001.tif"];
    expect(previewOf([...frames, ...truth])).toMatchObject({ images: 1, labelled: 1, strays: [] });
    expect(previewOf([...frames, ...truth]).files.find((file) => file.path.endsWith(".txt"))?.part).toBe("table");
  });

  it("gives every mask of a nucleus to the one image of its folder", () => {
    const preview = previewOf(["id1/images/id1.png", "id1/masks/m1.png", "id1/masks/m2.png", "id2/images/id2.png"]);
    expect(preview).toMatchObject({ images: 2, labelled: 1, strays: [] });
  });

  it("never guesses when a folder has several images", () => {
    expect(previewOf(["images/a.png", "images/b.png", "masks/c.png"]).strays).toEqual(["masks/c.png"]);
  });

  it("names what it does not know", () => {
    expect(previewOf(["notes.docx", "a.tif"])).toMatchObject({ images: 1, strays: ["notes.docx"] });
  });

  it("looks at 20,000 paths in a moment", () => {
    const paths = Array.from({ length: 10_000 }, (_, index) => [`images/${index}.tif`, `masks/${index}.tif`]).flat();
    const begun = performance.now();
    expect(previewOf(paths)).toMatchObject({ images: 10_000, labelled: 10_000 });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
