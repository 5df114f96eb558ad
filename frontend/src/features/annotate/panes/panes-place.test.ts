import { describe, expect, test } from "vitest";
import { MOST_LINKED, NO_PANES, RAW_PANE, parsePanes, writePanes } from "./panes-place";

describe("V8 panes in the address bar", () => {
  test("V8 panes come back as they were written", () => {
    const panes = {
      ortho: true,
      volume: true,
      linked: [RAW_PANE, { channels: [0, 12], dt: -1, dz: 2, labels: "6f2c-11aa" }, { channels: [], dt: 0, dz: 0, labels: "same" }],
    };
    expect(parsePanes(writePanes(panes))).toEqual(panes);
    expect(writePanes(NO_PANES)).toBeUndefined();
    expect(parsePanes(undefined)).toEqual(NO_PANES);
  });

  test("V8 nonsense is left out, and no link opens more panes than a browser can draw", () => {
    expect(parsePanes("orthogonal,link~cx~t1.5~b<script>")).toEqual({ ...NO_PANES, linked: [RAW_PANE] });
    expect(parsePanes(Array.from({ length: 40 }, () => "link").join(",")).linked).toHaveLength(MOST_LINKED);
  });
});
