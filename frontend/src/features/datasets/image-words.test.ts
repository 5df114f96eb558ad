import { expect, it } from "vitest";
import type { Image } from "@/api/datasets";
import { editorAddress, fileName, folderName, labelState, shortSizeWords, sizeWords } from "./image-words";

const image = (facts: Partial<Image>): Image =>
  ({ size_t: 1, size_c: 1, size_z: 1, size_y: 512, size_x: 640, state: "READY", labelled: false, accepted_number: null, current_branch: null, ...facts }) as Image;
const branch = (head_number: number) => ({ id: "b", name: "main", head_number });

it("says only what there is more than one of", () => {
  expect(sizeWords(image({}))).toBe("512 × 640");
  expect(sizeWords(image({ size_t: 12, size_c: 2 }))).toBe("12 frames · 2 channels · 512 × 640");
  expect(shortSizeWords(image({ size_t: 12, size_c: 2 }))).toBe("t 12 · c 2 · 512 × 640");
});

it("parts a name into folder and file", () => {
  expect([folderName(image({ name: "plate/a/x.tif" })), fileName(image({ name: "plate/a/x.tif" }))]).toEqual(["plate/a", "x.tif"]);
  expect([folderName(image({ name: "x" })), fileName(image({ name: "x" }))]).toEqual(["", "x"]);
});

it.each<[Partial<Image>, string]>([
  [{ state: "IMPORTING" }, "importing"],
  [{ current_branch: branch(0) }, "no labels"],
  [{ current_branch: branch(0), draft: { id: "d", name: "Starter nuclei v1" } }, "proposed, to check"],
  [{ labelled: true, current_branch: branch(2) }, "labelled"],
  [{ labelled: true, current_branch: branch(2), accepted_number: 2 }, "accepted"],
  [{ labelled: true, current_branch: branch(3), accepted_number: 2 }, "changed since accepted"],
])("with %o the labels are %s", (facts, word) => expect(labelState(image(facts)).word).toBe(word));

it("opens an image on what was proposed while nothing else is known of it", () => {
  expect(editorAddress("p", image({ id: "i", draft: { id: "d", name: "Starter nuclei v1" } }))).toBe("/projects/p/annotate/i?branch=d");
  expect(editorAddress("p", image({ id: "i", draft: null }))).toBe("/projects/p/annotate/i");
});
