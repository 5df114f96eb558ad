import { expect, it } from "vitest";
import type { Image } from "@/api/datasets";
import { acceptable } from "./use-accept";

const image = (head_number: number | null, accepted_number: number | null): Image =>
  ({ current_branch: head_number === null ? null : { id: `branch ${head_number}`, name: "main", head_number }, accepted_number }) as Image;

it("takes the newest labels that nobody has accepted", () => {
  expect(acceptable([image(null, null), image(0, null), image(3, null), image(4, 4), image(5, 4)])).toEqual([
    { branch: "branch 3", number: 3 },
    { branch: "branch 5", number: 5 },
  ]);
});
