import type { Edit, Frame, FrameRequest, LabelDocument } from "@/editor";
import type { Place } from "../place/place";
import { promptProvider } from "../prompting/prompt-provider";
import type { Branch, Image, LabelClass } from "../types";
import { readCellRecords } from "./cell-records";
import { readFrame, reserveIds } from "./labels";
import { readOwnEdits } from "./own-edits";
import type { Pixels } from "./pixels";
import { isReadByRegions, regionsOf } from "./regions";

export interface DocumentParts {
  readonly image: Image;
  readonly branch: Branch;
  /** An old state to look at; undefined means the newest, which can be edited. */
  readonly revision: number | undefined;
  readonly pixels: Pixels;
  readonly classes: readonly LabelClass[];
  readonly readOnly: boolean;
  readonly place: Place;
  readonly onFrameRead?: (t: number, z: number) => void;
  /** Newest revision in the picture: an answer that was under way while it came is asked for again. */
  readonly shown?: () => number;
  /** Nothing drawn waits for the server. */
  readonly isSaved?: () => boolean;
  /** Drawn on an earlier visit and not sent yet. */
  readonly unsent?: readonly Edit[];
}

export function openDocument(parts: DocumentParts): LabelDocument {
  const { image, branch, revision, pixels } = parts;
  return {
    id: image.id,
    size: { t: image.size_t, c: image.size_c, z: image.size_z, y: image.size_y, x: image.size_x },
    pixelType: pixels.pixelType,
    channels: image.channel_names.map((name, at) => ({ name, color: pixels.windows[at]?.color ?? null, window: pixels.windows[at]?.window ?? null, hidden: pixels.windows[at]?.hidden ?? false })),
    pyramid: pixels.pyramid,
    pixelTilePx: pixels.tilePx,
    pixels: pixels.provider,
    labels: {
      readFrame: (request, signal) => {
        parts.onFrameRead?.(request.t, request.z);
        return readFresh(parts, request, signal);
      },
    },
    cells: {
      readCells: () => readCellRecords(branch.id, revision, image.size_t),
    },
    ...(isReadByRegions(image) && { regions: regionsOf(branch.id, revision) }),
    classes: parts.classes,
    prompts: promptProvider(image.id),
    past: {
      readOwn: (before, signal) => readOwnEdits(branch.id, before, signal),
      unsent: parts.unsent,
      isSaved: () => parts.isSaved?.() ?? true,
    },
    reserveIds: (count) => reserveIds(branch.id, count),
    readOnly: parts.readOnly || revision !== undefined,
    place: placeIn(parts.place, image),
  };
}

async function readFresh({ branch, revision, shown }: DocumentParts, request: FrameRequest, signal: AbortSignal): Promise<Frame> {
  for (;;) {
    const frame = await readFrame(branch.id, revision, request, signal);
    if (revision !== undefined || shown === undefined || frame.head >= shown()) return frame;
  }
}

/** A link may come from another image: frames beyond the end and channels that do not match are left out. */
function placeIn(place: Place, image: Image): LabelDocument["place"] {
  const channels = place.channels?.length === image.channel_names.length ? place.channels : undefined;
  return {
    ...(place.t !== undefined && { t: Math.min(place.t, image.size_t - 1) }),
    ...(place.z !== undefined && { z: Math.min(place.z, image.size_z - 1) }),
    ...(place.camera && { camera: place.camera }),
    ...(channels && { channels: channels.map((channel, at) => ({ ...channel, name: image.channel_names[at] ?? "" })) }),
    ...(place.cells && { selected: place.cells }),
    ...(place.crosshair && { crosshair: place.crosshair }),
    ...(place.overlay && { overlay: place.overlay }),
  };
}
