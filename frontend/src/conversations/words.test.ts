import { describe, expect, it } from "vitest";
import { fitting, nameBegun, placeWords, withName } from "./words";

describe("W5: names in comments", () => {
  it("are begun with an @ that stands alone", () => {
    expect(nameBegun("look, @Be", 9)).toBe("Be");
    expect(nameBegun("@", 1)).toBe("");
    expect(nameBegun("@Ben Ok", 7)).toBe("Ben Ok");
    expect(nameBegun("ben@lab", 7)).toBeNull();
    expect(nameBegun("@Ben\nand", 8)).toBeNull();
  });

  it("are written in full where the cursor stands", () => {
    expect(withName("hi @Be there", 6, "Ben Okafor")).toEqual({ text: "hi @Ben Okafor  there", cursor: 15 });
  });

  it("fit by their beginning, and not once they are complete", () => {
    const people = [{ name: "Ben" }, { name: "Bea" }, { name: "Cleo" }];
    expect(fitting(people, "be").map(({ name }) => name)).toEqual(["Ben", "Bea"]);
    expect(fitting(people, "Ben ")).toEqual([]);
    expect(fitting(people, null)).toEqual([]);
  });
});

describe("W5: places in words", () => {
  it("name what the comment is pinned to", () => {
    expect(placeWords({ place: "CELL", t: 3, z: 0, cell: 12 })).toBe("cell 12, frame 3");
    expect(placeWords({ place: "TRACK", t: 3, z: 0, cell: 12 })).toBe("track 12");
    expect(placeWords({ place: "PIXEL", t: 3, z: 2, cell: null })).toBe("a place in frame 3, slice 2");
    expect(placeWords({ place: "IMAGE", t: null, z: null, cell: null })).toBe("the whole image");
  });
});
