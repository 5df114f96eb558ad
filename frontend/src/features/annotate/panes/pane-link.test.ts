import { describe, expect, test } from "vitest";
import type { Command, EditorState } from "@/editor";
import { PaneLink, type Follow, type Linked } from "./pane-link";

const LOOK = { name: "DAPI", color: "#ffffff", visible: true, min: 0, max: 9, gamma: 1, invert: false };
const OVERLAY = { visible: true, fillOpacity: 0.2, outlines: true, colourBy: "cell", grid: true, names: "none", palette: "clear" };

/** Does what the editor does with the few commands that panes are given, and tells its listeners at once. */
function pane(size = { t: 5, c: 2, z: 3, y: 50, x: 50 }) {
  let state = {
    document: { size }, t: 1, z: 1, camera: { x: 0, y: 0, zoom: 1 }, channels: [LOOK, { ...LOOK, name: "CD3" }],
    overlay: OVERLAY, selected: [], hover: null, crosshair: null,
  } as unknown as EditorState;
  const listeners = new Set<() => void>();
  const told: Command[] = [];
  const set = (patch: Partial<EditorState>) => {
    state = { ...state, ...patch };
    listeners.forEach((listener) => listener());
  };
  const dispatch = (command: Command) => {
    told.push(command);
    if (told.length > 200) throw new Error("Panes push each other round and round.");
    if (command.kind === "camera.set") set({ camera: { ...state.camera, ...command.camera } });
    if (command.kind === "frame.go") set({ t: command.t ?? state.t, z: command.z ?? state.z });
    if (command.kind === "select") set({ selected: command.cells });
    if (command.kind === "overlay.set") set({ overlay: { ...state.overlay, ...command.overlay } });
    if (command.kind === "crosshair.set") set({ crosshair: command.crosshair });
    if (command.kind === "channel.set") set({ channels: state.channels.map((look, c) => (c === command.channel ? { ...look, ...command.view } : look)) });
  };
  const linked: Linked = { state: () => state, dispatch, subscribe: (listener) => (listeners.add(listener), () => listeners.delete(listener)) };
  return { ...linked, set, told };
}

const FOLLOW: Follow = { channels: null, dt: 0, dz: 0, labels: true, sameCells: true };
const hoverAt = (x: number, y: number) => ({ x, y, values: [], cells: [] });

describe("V7 linked panes", () => {
  test("V7 same camera in all panes, whichever is moved", () => {
    const [picture, a, b] = [pane(), pane(), pane()];
    const link = new PaneLink(picture);
    [a, b].forEach((one) => link.join(one, FOLLOW));
    picture.set({ camera: { x: 7, y: 8, zoom: 3 } });
    expect([a, b].map((one) => one.state().camera)).toEqual([{ x: 7, y: 8, zoom: 3 }, { x: 7, y: 8, zoom: 3 }]);
    b.set({ camera: { x: 1, y: 2, zoom: 9 } });
    expect([picture, a].map((one) => one.state().camera)).toEqual([{ x: 1, y: 2, zoom: 9 }, { x: 1, y: 2, zoom: 9 }]);
  });

  test("V7 same cursor in all panes: shown where the pointer is not", () => {
    const [picture, a, b] = [pane(), pane(), pane()];
    const link = new PaneLink(picture);
    [a, b].forEach((one) => link.join(one, FOLLOW));
    a.set({ hover: hoverAt(4, 5) });
    expect([picture, b].map((one) => one.state().crosshair?.at)).toEqual([{ x: 4.5, y: 5.5 }, { x: 4.5, y: 5.5 }]);
    expect(a.state().crosshair).toBeNull();
    picture.set({ hover: hoverAt(6, 6) });
    a.set({ hover: null });
    expect([picture, a, b].map((one) => one.state().crosshair?.at.x)).toEqual([undefined, 6.5, 6.5]);
    picture.set({ hover: null });
    expect([picture, a, b].every((one) => one.state().crosshair === null)).toBe(true);
  });

  test("V7 a pane has its own channels, frame and labels; contrast follows the picture", () => {
    const [picture, raw] = [pane(), pane()];
    new PaneLink(picture).join(raw, { channels: [1], dt: 2, dz: -5, labels: false, sameCells: true });
    picture.set({ t: 4, channels: [{ ...LOOK, max: 5 }, { ...LOOK, visible: false }] });
    const { t, z, channels, overlay } = raw.state();
    expect({ t, z, shown: channels.map((look) => look.visible), max: channels[0]?.max, labels: overlay.visible }).toEqual({ t: 4, z: 0, shown: [false, true], max: 5, labels: false });
    expect(picture.state().t).toBe(4);
  });

  test("V7 a cell chosen in a pane is chosen in all; another branch has other cells", () => {
    const [picture, a, other] = [pane(), pane(), pane()];
    const link = new PaneLink(picture);
    link.join(a, FOLLOW);
    link.join(other, { ...FOLLOW, sameCells: false });
    a.set({ selected: [12] });
    expect([picture.state().selected, other.state().selected]).toEqual([[12], []]);
    other.set({ selected: [5] });
    expect(picture.state().selected).toEqual([12]);
  });

  test("V7 a pane that was closed hears nothing more", () => {
    const [picture, a] = [pane(), pane()];
    const leave = new PaneLink(picture).join(a, FOLLOW);
    leave();
    picture.set({ camera: { x: 3, y: 3, zoom: 2 } });
    expect(a.state().camera.zoom).toBe(1);
  });
});
