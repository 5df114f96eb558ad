import { expect, test } from "vitest";
import { inReviewOrder, reviewOrderOf, type ReviewSigns } from "./review-queue";

const signs = (said: Partial<ReviewSigns>): ReviewSigns => ({ task: "", ambiguity: null, disagreement: null, quality: null, uncertain: 0, cells: 9, ...said });
const TASKS = [
  { id: "late", updated_at: "2026-03-03", signs: signs({ quality: 0.2, uncertain: 2 }) },
  { id: "early", updated_at: "2026-01-01", signs: signs({ quality: 0.9, disagreement: 0.4 }) },
  { id: "unknown", updated_at: "2026-02-02", signs: undefined },
  { id: "crowd", updated_at: "2026-04-04", signs: signs({ ambiguity: 0.1, disagreement: 0.7 }) },
];
const idsBy = (order: string) => inReviewOrder(TASKS, reviewOrderOf(order)).map(({ id }) => id);

test("the most doubtful is looked at first, what nobody can tell of last, else the longest waiting", () => {
  expect(idsBy("waiting")).toEqual(["early", "unknown", "late", "crowd"]);
  expect(idsBy("nonsense")).toEqual(idsBy("waiting"));
  expect(idsBy("quality")).toEqual(["late", "early", "unknown", "crowd"]);
  expect(idsBy("disagreement")).toEqual(["crowd", "early", "unknown", "late"]);
  expect(idsBy("ambiguity")).toEqual(["crowd", "early", "unknown", "late"]);
  expect(idsBy("uncertain")[0]).toBe("late");
});
