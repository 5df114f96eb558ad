import { describe, expect, it } from "vitest";
import { authorName, authorsOf } from "./queries";

describe("W8 authors of a release", () => {
  it("are people by family name and comma, or entities", () => {
    expect(authorsOf("Ångström, Ana; The lab\n ;")).toEqual([{ family_names: "Ångström", given_names: "Ana" }, { name: "The lab" }]);
    expect(authorsOf("Plato,")).toEqual([{ family_names: "Plato" }]);
  });

  it("are shown as they are called", () => {
    expect(authorsOf("Ångström, Ana; The lab").map(authorName)).toEqual(["Ana Ångström", "The lab"]);
  });
});
