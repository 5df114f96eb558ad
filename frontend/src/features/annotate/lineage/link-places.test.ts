import { expect, it } from "vitest";
import { ofLinks } from "./link-places";

const said = {
  head: 2,
  linked: 2,
  linker: "exact",
  links: { t: [1, 1, 3, 4, 5], cell: [1, 2, 2, 7, 1], from_t: [0, 0, 1, 3, 4], from_cell: [1, 2, 2, 1, 1], confidence: [0.99, 0.9, 0.5, 0.7, 0.2], given: [false, false, false, false, true] },
};

it("L6: links are listed from the least sure on, without those that are certain or a person's", () => {
  const places = ofLinks(said);
  expect(places.map(({ title, t, cells }) => [title, t, cells])).toEqual([
    ["Over a gap", 3, [2]],
    ["Division", 4, [7, 1]],
    ["Link", 1, [2]],
  ]);
  expect(places[1]?.message).toBe("70 % sure: cell 7 is a daughter of 1.");
});
