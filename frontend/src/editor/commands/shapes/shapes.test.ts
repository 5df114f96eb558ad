/** Drawn shapes: to pixels and back, clicked, dragged, edited, added and taken away. */
import { describe, expect, test } from "vitest";
import type { Command, EditorState, ToolName } from "@/editor/door";
import type { Point } from "@/editor/core/geometry";
import { fillPolygon } from "@/editor/core/polygon-fill";
import { areaOf, runsOfMask } from "@/editor/core/runs";
import { flatOf, seeded } from "@/editor/core/testing";
import { runsOfBox, runsOfEllipse } from "@/editor/craft/ellipse";
import { LEAST_IOU, iouOf, polygonsOfRuns, runsOfPolygons } from "@/editor/craft/polygon";
import { commandFor } from "@/editor/input/actions/actions";
import { NO_DOCUMENT } from "@/editor/state";
import type { PointerStory } from "@/editor/tools/tool";
import { TOOLS } from "@/editor/tools/tools";
import { openPictures, settle } from "../testing";
import type { Pictures } from "../testing";

const pictureOf = (height: number, width: number, letter: (y: number, x: number) => string): string =>
  Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => letter(y, x)).join("")).join("\n");

const maskOf = (height: number, width: number, inside: (y: number, x: number) => boolean): number[] =>
  runsOfMask(Array.from({ length: height * width }, (_, i) => Number(inside(Math.floor(i / width) + 0.5, (i % width) + 0.5))), width);

// ------------------------------------------------------------ pixels and back

describe("M12 convert to mask and back", () => {
  /** Lobed cells of all sizes. */
  const blob = (random: () => number): number[] => {
    const [radius, lobes, depth, turn] = [3 + random() * 40, 2 + Math.floor(random() * 4), random() * 0.3, random() * 6];
    return maskOf(110, 110, (y, x) => Math.hypot(y - 55, x - 55) < radius * (1 + depth * Math.sin(lobes * Math.atan2(y - 55, x - 55) + turn)));
  };

  test("M12 contour → polygon → mask: IoU 0.98 or more, with few corners", () => {
    const random = seeded(11);
    for (let round = 0; round < 60; round++) {
      const runs = blob(random);
      const polygons = polygonsOfRuns(runs, 1);
      expect(iouOf(runsOfPolygons(polygons), runs)).toBeGreaterThanOrEqual(LEAST_IOU);
      if (areaOf(runs) > 1000) expect(polygons[0].length).toBeLessThan(Math.sqrt(areaOf(runs)));
    }
  });

  test("M12 holes, several pieces and ragged masks come back too", () => {
    const random = seeded(4);
    const ring = maskOf(40, 60, (y, x) => (Math.hypot(y - 20, x - 20) < 15 && Math.hypot(y - 20, x - 20) > 6) || (y < 8 && x > 40));
    expect(polygonsOfRuns(ring, 1)).toHaveLength(3);
    expect(iouOf(runsOfPolygons(polygonsOfRuns(ring, 1)), ring)).toBeGreaterThanOrEqual(LEAST_IOU);
    const ragged = maskOf(20, 20, () => random() < 0.6);
    expect(iouOf(runsOfPolygons(polygonsOfRuns(ragged, 2)), ragged)).toBeGreaterThanOrEqual(LEAST_IOU);
    expect(runsOfPolygons(polygonsOfRuns(ragged, 0))).toEqual(ragged);
    expect(polygonsOfRuns([], 1)).toEqual([]);
  });

  test("M12 box and ellipse equal a naive test of every pixel's centre", () => {
    const random = seeded(8);
    for (let round = 0; round < 80; round++) {
      const [ax, ay, bx, by] = Array.from({ length: 4 }, () => Math.round(random() * 480) / 16);
      const [low, high] = [{ x: Math.min(ax, bx), y: Math.min(ay, by) }, { x: Math.max(ax, bx), y: Math.max(ay, by) }];
      const boxed = maskOf(40, 40, (y, x) => x >= low.x && x < high.x && y >= low.y && y < high.y);
      expect(runsOfBox({ x: ax, y: ay }, { x: bx, y: by })).toEqual(boxed);
      const [cx, cy, rx, ry] = [(ax + bx) / 2, (ay + by) / 2, (high.x - low.x) / 2, (high.y - low.y) / 2];
      const distance = (y: number, x: number): number => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2;
      const found = new Set(flatOf(runsOfEllipse({ x: ax, y: ay }, { x: bx, y: by }), 40));
      const wrong = Array.from({ length: 1600 }, (_, i) => i).filter((i) => {
        const d = distance(Math.floor(i / 40) + 0.5, (i % 40) + 0.5);
        return Math.abs(d - 1) > 1e-9 && found.has(i) !== d < 1;
      });
      expect(wrong).toEqual([]);
    }
  });
});

// ------------------------------------------------------------ tools

/** A pointer on an open document, told to the tool as the page tells it. */
async function handOf(pictures: Pictures, tool: ToolName) {
  const world = await openPictures(pictures);
  world.run({ kind: "camera.set", camera: { zoom: 8 } });
  world.run({ kind: "tool", tool });
  const state = (): EditorState => ({ ...NO_DOCUMENT, ...world.open.outlook });
  const tell = async (kind: PointerStory["kind"], at: Point, more: Partial<PointerStory> = {}): Promise<void> => {
    const story: PointerStory = { kind, at, samples: [at], from: at, dx_px: 0, dy_px: 0, travelled_px: 0, shift: false, ctrl: false, alt: false, clicks: 1, right: false, pressure: 1, ...more };
    for (const command of TOOLS[world.open.outlook.tool].tell(story, { state: state(), cellsAt: ({ x, y }) => world.open.frame()?.cellsAt(Math.floor(x), Math.floor(y)) ?? [] })) world.run(command);
    await settle();
  };
  const click = async (at: Point, more: Partial<PointerStory> = {}): Promise<void> => {
    await tell("hover", at, more);
    await tell("down", at, more);
    await tell("up", at, more);
  };
  const drag = async (from: Point, to: Point, more: Partial<PointerStory> = {}): Promise<void> => {
    await tell("down", from, more);
    await tell("move", to, { from, travelled_px: 50, ...more });
    await tell("up", to, { from, travelled_px: 50, ...more });
  };
  const press = async (action: string): Promise<void> => {
    const command: Command | null | undefined = commandFor(action, state());
    if (command) world.run(command);
    await settle();
  };
  const runsOf = (cell: number): number[] => world.open.frame()?.runsOf(cell) ?? [];
  const draft = () => world.open.outlook.draft;
  return { ...world, click, drag, tell, press, runsOf, draft };
}

const p = (x: number, y: number): Point => ({ x, y });
const EMPTY = pictureOf(40, 60, () => ".");
const SQUARE = [p(5, 5), p(25, 5), p(25, 25), p(5, 25)];

describe("M12 polygon", () => {
  test.each(["the first point", "a double click", "Enter"])("M12 polygon closed by %s", async (how) => {
    const hand = await handOf({ pictures: [EMPTY] }, "polygon");
    for (const at of SQUARE) await hand.click(at);
    expect(hand.edits).toEqual([]);
    if (how === "the first point") await hand.click(p(5.3, 5.3));
    if (how === "a double click") await hand.click(SQUARE[3], { clicks: 2 });
    if (how === "Enter") await hand.press("proposal.accept");
    expect(hand.runsOf(101)).toEqual(runsOfBox(p(5, 5), p(25, 25)));
    expect(hand.edits.map((edit) => edit.tool)).toEqual(["polygon"]);
    expect(hand.open.outlook).toMatchObject({ draft: null, selected: [101] });
    hand.run({ kind: "undo" });
    expect(hand.runsOf(101)).toEqual([]);
  });

  test("M12 before it closes corners can be moved and taken back; Esc drops it", async () => {
    const hand = await handOf({ pictures: [EMPTY] }, "polygon");
    for (const at of [...SQUARE.slice(0, 3), p(40, 30)]) await hand.click(at);
    await hand.press("cell.delete");
    await hand.click(p(10, 35));
    await hand.drag(p(10, 35), p(5, 25));
    await hand.press("proposal.accept");
    expect(hand.runsOf(101)).toEqual(runsOfBox(p(5, 5), p(25, 25)));
    await hand.click(p(1, 1));
    await hand.press("select.none");
    expect(hand.draft()).toBeNull();
    expect(hand.edits).toHaveLength(1);
    await hand.click(p(1, 1));
    await hand.press("cell.delete");
    expect(hand.draft()).toBeNull();
    expect(hand.runsOf(101)).not.toEqual([]);
  });

  test("M12 Shift takes the shape away; write modes hold; each a new cell when asked", async () => {
    const hand = await handOf({ pictures: [pictureOf(40, 60, (_, x) => (x < 15 ? "a" : "."))] }, "polygon");
    hand.run({ kind: "select", cells: [] });
    for (const at of SQUARE) await hand.click(at);
    await hand.click(SQUARE[0]);
    expect(hand.runsOf(101)).toEqual(runsOfBox(p(15, 5), p(25, 25)));
    hand.run({ kind: "select", cells: [1] });
    for (const at of SQUARE) await hand.click(at);
    await hand.click(SQUARE[0], { shift: true });
    expect(areaOf(hand.runsOf(1))).toBe(15 * 40 - 10 * 20);
    hand.run({ kind: "tool.options", options: { writeMode: "overlap", shapesMakeCells: true } });
    hand.run({ kind: "shape.polygon", points: SQUARE });
    expect(areaOf(hand.runsOf(102))).toBe(400);
  });

  test("M12 refusals", async () => {
    const hand = await handOf({ pictures: [EMPTY] }, "polygon");
    expect(() => hand.run({ kind: "shape.polygon", points: SQUARE.slice(0, 2) })).toThrow(/three corners/);
    expect(() => hand.run({ kind: "shape.polygon", points: [p(1, 1), p(1.2, 1), p(1.2, 1.2)] })).toThrow(/middle of no pixel/);
    expect(() => hand.run({ kind: "shape.polygon", points: SQUARE, subtract: true })).toThrow(/No cell is selected/);
    expect(() => hand.run({ kind: "outline.edit" })).toThrow(/No cell is selected/);
    expect(() => hand.run({ kind: "outline.edit", cell: 9 })).toThrow(/no pixel in this frame/);
    await hand.click(p(3, 3));
    expect(() => hand.run({ kind: "outline.close" })).toThrow(/three corners/);
    hand.run({ kind: "shape.polygon", points: SQUARE });
    expect(() => hand.run({ kind: "shape.polygon", points: SQUARE })).toThrow(/already/);
  });
});

describe("M12 outline of a cell, opened for editing", () => {
  const cells = pictureOf(40, 60, (y, x) => (y >= 5 && y < 25 && x >= 5 && x < 25 && Math.hypot(y - 15, x - 15) > 4 ? "a" : "."));

  test("M12 a corner is dragged and Enter writes one edit; the hole stays", async () => {
    const hand = await handOf({ pictures: [cells] }, "select");
    hand.run({ kind: "select", cells: [1] });
    await hand.press("cell.edit-outline");
    expect(hand.draft()).toMatchObject({ tool: "polygon", cell: 1, proposals: [] });
    const before = hand.runsOf(1);
    const [outer] = hand.draft()?.shapes ?? [];
    const corner = outer?.kind === "path" ? outer.points.reduce((best, at) => (at.x + at.y > best.x + best.y ? at : best)) : p(0, 0);
    await hand.drag(corner, p(35, 35));
    await hand.press("proposal.accept");
    expect(hand.edits).toHaveLength(1);
    expect(areaOf(hand.runsOf(1))).toBeGreaterThan(areaOf(before) + 100);
    expect(hand.open.frame()?.cellsAt(15, 15)).toEqual([]);
    hand.run({ kind: "undo" });
    expect(hand.runsOf(1)).toEqual(before);
  });

  test("M12 a line is bent, a corner taken out, an untouched outline writes nothing", async () => {
    const hand = await handOf({ pictures: [cells] }, "select");
    hand.run({ kind: "select", cells: [1] });
    await hand.press("cell.edit-outline");
    await hand.press("proposal.accept");
    expect(hand.edits).toEqual([]);
    const corners = (): number => hand.draft()?.shapes.reduce((sum, shape) => sum + (shape.kind === "path" ? shape.points.length : 0), 0) ?? 0;
    const before = corners();
    await hand.drag(p(15, 5), p(15, 1));
    expect(corners()).toBe(before + 1);
    await hand.click(p(15, 1), { ctrl: true });
    expect(corners()).toBe(before);
    await hand.drag(p(15, 5), p(15, 1));
    await hand.press("cell.delete");
    expect(corners()).toBe(before);
    await hand.drag(p(15, 5), p(15, 1));
    await hand.tell("up", p(15, 1), { clicks: 2 });
    expect(hand.edits).toHaveLength(1);
    expect(hand.open.frame()?.cellsAt(15, 2)).toEqual([1]);
    hand.run({ kind: "cell.lock", cells: [1] });
    expect(() => hand.run({ kind: "outline.edit", cell: 1 })).toThrow(/locked/);
  });
});

describe("M12 lasso, box, ellipse, point", () => {
  test("M12 lasso: a drag around; a loop that winds twice is full; a click is nothing", async () => {
    const hand = await handOf({ pictures: [EMPTY] }, "lasso");
    const around = (cx: number, r: number): Point[] => Array.from({ length: 80 }, (_, i) => p(cx + r * Math.cos((i * Math.PI) / 20), 20 + r * Math.sin((i * Math.PI) / 20)));
    await hand.tell("down", p(30, 20));
    await hand.tell("move", p(30, 20), { samples: around(20, 10), travelled_px: 90 });
    await hand.tell("up", p(30, 20), { travelled_px: 90 });
    expect(hand.runsOf(101)).toEqual(fillPolygon(around(20, 10)));
    expect(areaOf(hand.runsOf(101))).toBeGreaterThan(290);
    await hand.click(p(50, 30));
    expect(hand.edits).toHaveLength(1);
    await hand.tell("down", p(25, 20));
    await hand.tell("move", p(25, 20), { samples: around(20, 5), travelled_px: 90 });
    await hand.tell("up", p(25, 20), { travelled_px: 90, shift: true });
    expect(areaOf(hand.runsOf(101))).toBe(areaOf(fillPolygon(around(20, 10))) - areaOf(fillPolygon(around(20, 5))));
  });

  test("M12 box and ellipse by drag, even with Ctrl, by typed size with a click, taken away with Shift", async () => {
    const hand = await handOf({ pictures: [EMPTY] }, "box");
    await hand.drag(p(5, 5), p(25, 15));
    expect(hand.runsOf(101)).toEqual(runsOfBox(p(5, 5), p(25, 15)));
    await hand.drag(p(5, 5), p(10, 8), { shift: true });
    expect(areaOf(hand.runsOf(101))).toBe(200 - 15);
    hand.run({ kind: "tool.options", options: { shapesMakeCells: true, shapeWidth_px: 7, shapeHeight_px: 4 } });
    await hand.click(p(40.5, 30));
    expect(hand.runsOf(102)).toEqual(runsOfBox(p(37, 28), p(44, 32)));
    hand.run({ kind: "tool", tool: "ellipse" });
    await hand.drag(p(30, 2), p(40, 8), { ctrl: true });
    expect(hand.runsOf(103)).toEqual(runsOfEllipse(p(30, 2), p(40, 12)));
    expect(hand.edits.map((edit) => edit.tool)).toEqual(["box", "box", "box", "ellipse"]);
    expect(() => hand.run({ kind: "shape.draw", shape: "box", from: p(0, 0), to: p(9000, 5) })).toThrow(/at most/);
  });

  test("M12 points: each a cell of its own with the typed diameter, or added to the selected one", async () => {
    const hand = await handOf({ pictures: [EMPTY] }, "point");
    hand.run({ kind: "tool.options", options: { point_px: 5 } });
    await hand.click(p(10, 10));
    await hand.click(p(30, 10));
    expect([101, 102].map((cell) => areaOf(hand.runsOf(cell)))).toEqual([21, 21]);
    hand.run({ kind: "tool.options", options: { pointsMakeCells: false, point_px: 1 } });
    await hand.click(p(50, 10));
    expect(areaOf(hand.runsOf(102))).toBe(22);
    await hand.click(p(50, 10), { shift: true });
    expect(areaOf(hand.runsOf(102))).toBe(21);
  });
});

describe("M12 magnetic lasso", () => {
  const disc = (_: number, y: number, x: number): number => Math.round(30 + 200 / (1 + Math.exp((Math.hypot(y + 0.5 - 20, x + 0.5 - 30) - 12) * 1.5)));
  const ON_EDGE = [p(18, 20), p(30, 8), p(42, 20), p(30, 32)];
  const TRUE = fillPolygon(Array.from({ length: 90 }, (_, i) => p(30 + 12 * Math.cos((i * Math.PI) / 45), 20 + 12 * Math.sin((i * Math.PI) / 45))));

  test("M12 four clicks on a disc's edge outline it; straight lines between them would not", async () => {
    const hand = await handOf({ pictures: [EMPTY], grey: disc }, "magnetic");
    for (const at of ON_EDGE) await hand.click(at);
    await hand.click(ON_EDGE[0]);
    expect(iouOf(hand.runsOf(101), TRUE)).toBeGreaterThan(0.9);
    expect(iouOf(fillPolygon(ON_EDGE), TRUE)).toBeLessThan(0.7);
    expect(hand.edits.map((edit) => edit.tool)).toEqual(["magnetic"]);
  });

  test("M12 the line to the pointer is shown; Backspace takes the last piece back; without pull it is straight; double click closes", async () => {
    const hand = await handOf({ pictures: [EMPTY], grey: disc }, "magnetic");
    hand.run({ kind: "tool.options", options: { magnetPull: 0 } });
    await hand.click(ON_EDGE[0]);
    await hand.tell("hover", p(42, 20));
    const [line] = hand.draft()?.shapes ?? [];
    expect(line?.kind === "path" && line.points.length).toBe(2);
    for (const at of ON_EDGE.slice(1)) await hand.click(at);
    await hand.press("cell.delete");
    expect(hand.draft()?.shapes.filter((shape) => shape.kind === "dot")).toHaveLength(3);
    await hand.click(ON_EDGE[3]);
    await hand.click(ON_EDGE[3], { clicks: 2 });
    expect(iouOf(hand.runsOf(101), fillPolygon(ON_EDGE))).toBeGreaterThan(0.9);
  });

  test("M12 clicks faster than lines are found keep their order; Enter accepts; a first piece taken back drops all", async () => {
    const hand = await handOf({ pictures: [EMPTY], grey: disc }, "magnetic");
    for (const at of ON_EDGE) hand.run({ kind: "magnet.point", at });
    await settle();
    expect(hand.draft()?.shapes.filter((shape) => shape.kind === "dot").map((shape) => shape.kind === "dot" && shape.at)).toEqual(ON_EDGE);
    await hand.press("proposal.accept");
    expect(areaOf(hand.runsOf(101))).toBeGreaterThan(250);
    await hand.click(p(5, 5));
    await hand.press("cell.delete");
    expect(hand.draft()).toBeNull();
  });
});
