import { expect, it } from "vitest";
import { addresses } from "./addresses";

it("keeps lists readable and leaves out what is not set", () => {
  expect(addresses.newTraining("p", { images: ["a", "b"] })).toBe("/projects/p/training/new?images=a,b");
  expect(addresses.newPrediction("p", { dataset: "d", model: undefined })).toBe("/projects/p/predictions/new?dataset=d");
  expect(addresses.tasks("p")).toBe("/projects/p/tasks");
});

it("keeps frame 0 and escapes what people type", () => {
  expect(addresses.annotate("p", "i", { t: 0, z: 3 })).toBe("/projects/p/annotate/i?t=0&z=3");
  expect(addresses.dataset("p", "d", { search: "a&b=c" })).toBe("/projects/p/datasets/d?search=a%26b%3Dc");
});
