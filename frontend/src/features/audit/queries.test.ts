import { describe, expect, it } from "vitest";
import { exportAddress, momentOf, parameterWords } from "./queries";

describe("W9 the audit page", () => {
  it("says with what an edit was made, without its model", () => {
    expect(parameterWords({ brush_px: 9, writeMode: "keep", model: "nuclei", threshold: 0.123456, of: null })).toBe("brush_px 9 · writeMode keep · threshold 0.123");
  });

  it("downloads what is shown", () => {
    expect(exportAddress("p", "csv", { tool: "brush & co", person: undefined })).toBe("/api/v1/projects/p/audit/export/?form=csv&tool=brush+%26+co");
  });

  it("a day begins and ends; what is no day is none", () => {
    expect(new Date(momentOf("2026-11-23", true) ?? 0).getTime() - new Date(momentOf("2026-11-23", false) ?? 0).getTime()).toBe(86_399_999);
    expect(momentOf("2026-11", false)).toBeUndefined();
    expect(momentOf("2026-99-99", false)).toBeUndefined();
  });
});
