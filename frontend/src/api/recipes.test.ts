import { expect, it } from "vitest";
import { formatSetting, tellSetting, type Recipe } from "./recipes";

const recipe = { settings_schema: { properties: { loss: { title: "Loss", enum: ["cross_entropy"], titles: { cross_entropy: "Every cell alike" } } } } } as unknown as Recipe;

it("L10 says values in words and never a word of the machine that has a title", () => {
  expect(tellSetting(recipe, "loss", "cross_entropy")).toEqual({ title: "Loss", said: "Every cell alike" });
  expect(tellSetting(recipe, "old_setting", true)).toEqual({ title: "old setting", said: "yes" });
  expect(tellSetting(undefined, "loss", "focal").said).toBe("focal");
});

it("says empty values, lists and flags", () => {
  expect([null, [], ["a", "b"], true, 8].map((value) => formatSetting(value))).toEqual(["empty", "none", "a, b", "yes", "8"]);
});
