import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import bench from "../bench/bench.module.css";
import { useBench } from "../bench/bench-context";
import { readFrame } from "../document/labels";
import { useEditorFrame, useEditorState } from "../use-editor";
import { ADDED, BEFORE_EDGE, BEFORE_FILL, compareFrames, MOVED, REMOVED, TILE_PX, type ComparedTile, type CompareMode, type SameCell } from "./compare-tiles";

/** Red, green, blue, opacity; told apart with any colour vision. */
const PAINT: Record<number, [number, number, number, number]> = {
  [ADDED]: [47, 196, 180, 120],
  [REMOVED]: [240, 128, 74, 130],
  [MOVED]: [240, 228, 66, 120],
  [BEFORE_EDGE]: [255, 255, 255, 235],
  [BEFORE_FILL]: [255, 255, 255, 60],
};

const frameQuery = (branch: string, revision: number, t: number, z: number) => ({
  queryKey: ["annotate", "frame", branch, revision, t, z],
  queryFn: ({ signal }: { signal: AbortSignal }) => readFrame(branch, revision, { t, z }, signal),
  staleTime: Infinity,
});

/** The older revision, and what changed since, over the picture. */
export function CompareOverlay({ before, after, mode }: { before: number; after: number; mode: CompareMode }) {
  const { branch } = useBench();
  return <StatesOverlay before={{ branch: branch.id, number: before }} after={{ branch: branch.id, number: after }} mode={mode} />;
}

/** The labels of a branch as of a revision. */
export interface State {
  readonly branch: string;
  readonly number: number;
}

interface StatesOverlayProps {
  before: State;
  after: State;
  mode: CompareMode;
  /** Who is who in a frame, where names on the two sides have nothing to do with each other. */
  namesIn?: (t: number, z: number) => SameCell;
}

/** Any two states of an image, one over the other. */
export function StatesOverlay({ before, after, mode, namesIn }: StatesOverlayProps) {
  const t = useEditorState((state) => state.t);
  const z = useEditorState((state) => state.z);
  const older = useQuery(frameQuery(before.branch, before.number, t, z)).data;
  const newer = useQuery(frameQuery(after.branch, after.number, t, z)).data;
  const tiles = useMemo(() => (older && newer ? compareFrames(older, newer, mode, namesIn?.(t, z)).map(paintTile) : []), [older, newer, mode, namesIn, t, z]);
  return <TileCanvas tiles={tiles} />;
}

interface PaintedTile {
  readonly ty: number;
  readonly tx: number;
  readonly picture: HTMLCanvasElement;
}

function paintTile({ ty, tx, codes }: ComparedTile): PaintedTile {
  const picture = Object.assign(document.createElement("canvas"), { width: TILE_PX, height: TILE_PX });
  const data = new ImageData(TILE_PX, TILE_PX);
  codes.forEach((code, at) => {
    const paint = PAINT[code];
    if (paint) data.data.set(paint, at * 4);
  });
  picture.getContext("2d")?.putImageData(data, 0, 0);
  return { ty, tx, picture };
}

function TileCanvas({ tiles }: { tiles: readonly PaintedTile[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEditorFrame((editor) => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    fitToScreen(element);
    const { zoom } = editor.state().camera;
    const origin = editor.toCanvas({ x: 0, y: 0 });
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.imageSmoothingEnabled = zoom < 1;
    for (const { ty, tx, picture } of tiles) {
      const size = TILE_PX * zoom;
      context.drawImage(picture, origin.x + tx * size, origin.y + ty * size, size, size);
    }
  });
  return <canvas ref={canvas} className={bench.over} aria-hidden />;
}

/** Setting the size also clears. */
function fitToScreen(canvas: HTMLCanvasElement): void {
  canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
  canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
}
