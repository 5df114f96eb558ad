/** The one place where a command finds its doer. */
import type { Command } from "../door";
import type { Desk } from "./desk";
import * as labels from "./label-commands";
import * as view from "./view-commands";

type Doers = { readonly [K in Command["kind"]]: (desk: Desk, command: Extract<Command, { kind: K }>) => void };

const DOERS: Doers = {
  "stroke.begin": labels.beginStroke,
  "stroke.extend": labels.extendStroke,
  "stroke.end": labels.endStroke,
  "gesture.cancel": (desk) => desk.session.cancel(),
  fill: labels.fill,
  "cell.fill-holes": labels.fillCellHoles,
  "cell.new": labels.newCell,
  "cell.merge": labels.merge,
  "cell.delete": labels.remove,
  "cell.reassign": labels.reassign,
  "cell.swap": labels.swap,
  "cell.facts": labels.setFacts,
  undo: labels.undo,
  redo: labels.redo,
  select: view.select,
  "select.at": view.selectAt,
  "select.step": view.stepSelection,
  tool: (desk, { tool }) => desk.set({ tool }),
  "tool.options": view.setToolOptions,
  "brush.resize": view.resizeBrush,
  "frame.go": view.goToFrame,
  "frame.step": view.stepFrame,
  "camera.set": view.setCamera,
  "camera.pan": view.panCamera,
  "camera.zoom": view.zoomCamera,
  "camera.fit": view.fitCamera,
  "camera.centre": view.centreOnCell,
  "channel.set": view.setChannel,
  "channel.auto": view.autoContrast,
  "channel.reset": view.resetChannel,
  "channel.solo": view.soloChannel,
  "overlay.set": view.setOverlay,
};

export function runCommand(desk: Desk, command: Command): void {
  const doer = DOERS[command.kind] as (desk: Desk, command: Command) => void;
  doer(desk, command);
}
