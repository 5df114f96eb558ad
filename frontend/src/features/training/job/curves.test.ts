import { describe, expect, it } from "vitest";
import { bestOf, chartsOf, mergePoints, readable } from "./curves";
import { elapsed_s, isOver } from "./job-words";

const point = (step: number, values: Record<string, number>) => ({ step, epoch: 0, elapsed_s: step, values });

describe("the curves of a job", () => {
  it("grow by news, where a step that comes again replaces the earlier one", () => {
    const old = [point(1, { loss: 3 }), point(2, { loss: 2 })];
    const merged = mergePoints(old, [point(2, { loss: 2, val_ap50: 0.4 }), point(3, { loss: 1 })]);
    expect(merged.map((one) => [one.step, one.values])).toEqual([
      [1, { loss: 3 }],
      [2, { loss: 2, val_ap50: 0.4 }],
      [3, { loss: 1 }],
    ]);
  });

  it("keep losses and scores on charts of their own, with gaps where nothing was measured", () => {
    const charts = chartsOf([point(1, { loss: 3 }), point(2, { loss: 2, val_ap50: 0.4, lr: 0.1 }), point(3, { val_ap50: 0.5, val_pq: 0.3 })]);
    expect(charts.map((one) => one.title)).toEqual(["Loss", "Validation scores"]);
    expect(charts[0]).toMatchObject({ steps: [1, 2], curves: [{ name: "loss", values: [3, 2] }] });
    expect(charts[1]).toMatchObject({
      steps: [2, 3],
      curves: [
        { name: "AP at IoU 0.5", values: [0.4, 0.5] },
        { name: "Panoptic quality", values: [null, 0.3] },
      ],
    });
  });

  it("are none before anything was measured", () => {
    expect(chartsOf([])).toEqual([]);
  });

  it("know their best", () => {
    const points = [point(1, { val_ap50: 0.2 }), point(2, { val_ap50: 0.7 }), point(3, { val_ap50: 0.6 })];
    expect(bestOf(points, "val_ap50")).toEqual({ value: 0.7, step: 2 });
    expect(bestOf(points, "val_pq")).toBeNull();
  });

  it("have readable names", () => {
    expect([readable("val_ap75"), readable("val_strange_score"), readable("loss_flow")]).toEqual(["AP at IoU 0.75", "strange score", "loss flow"]);
  });
});

describe("how long a job has run", () => {
  it("is nothing before the start, goes on while it runs and stands still after", () => {
    const started_at = "2026-01-01T00:00:00Z";
    const now = Date.parse("2026-01-01T00:01:00Z");
    expect(elapsed_s({ started_at: null, finished_at: null }, now)).toBeNull();
    expect(elapsed_s({ started_at, finished_at: null }, now)).toBe(60);
    expect(elapsed_s({ started_at, finished_at: "2026-01-01T00:00:30Z" }, now)).toBe(30);
  });

  it("knows the states from which nothing moves", () => {
    expect((["QUEUED", "RUNNING", "CANCELLING", "SUCCEEDED", "FAILED", "CANCELLED"] as const).filter(isOver)).toEqual(["SUCCEEDED", "FAILED", "CANCELLED"]);
  });
});
