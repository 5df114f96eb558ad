/** What the host sees: one immutable object, made anew only when something changed. */
import type { EditorState, Place } from "./door";
import type { Outlook } from "./commands/desk";
import type { OpenDocument } from "./open-document";
import { OVERLAY, TOOL_OPTIONS } from "./outlook";

const PLACE: Place = { t: 0, z: 0, camera: { x: 0, y: 0, zoom: 1 }, channels: [], selected: [] };

/** Before the first document. */
export const NO_DOCUMENT: EditorState = {
  ...PLACE,
  document: null,
  editable: false,
  tool: "select",
  toolOptions: TOOL_OPTIONS,
  hover: null,
  cursor: null,
  overlay: OVERLAY,
  loading: { pixels: 0, labels: 0, fraction: 1 },
  undoCount: 0,
  redoCount: 0,
  hasOlder: false,
  busy: false,
  draft: null,
  others: [],
  crosshair: null,
  labelsVersion: 0,
  head: 0,
  notice: null,
  place: PLACE,
};

export function stateOf(open: OpenDocument, before: EditorState): EditorState {
  const { history, isDrawing } = open.session;
  return {
    ...open.outlook,
    document: open.document,
    editable: open.isEditable,
    loading: same(before.loading, loadingOf(open)),
    undoCount: history.undoCount,
    redoCount: history.redoCount,
    hasOlder: open.past.isMore,
    busy: isDrawing,
    labelsVersion: open.store.version,
    head: open.frame()?.head ?? 0,
    place: same(before.place, placeOf(open.outlook)),
  };
}

const placeOf = ({ t, z, camera, channels, selected, overlay, crosshair }: Outlook): Place => ({
  t, z, camera, channels, selected, overlay, crosshair: crosshair?.kind === "planes" ? crosshair.at : undefined,
});

function loadingOf(open: OpenDocument): EditorState["loading"] {
  const { missing, of } = open.pixels.missing();
  const labels = open.labelsMissing;
  return { pixels: missing, labels, fraction: 1 - (missing + labels) / (of + 2) };
}

/** The earlier object when nothing in it differs, so that selectors see no change. */
function same<T extends object>(before: T, now: T): T {
  const keys = Object.keys(now) as (keyof T)[];
  return keys.every((key) => before[key] === now[key]) ? before : now;
}
