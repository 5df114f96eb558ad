import { ActionIcon } from "@mantine/core";
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { IconArrowsMaximize, IconMinus, IconPlus, IconZoomIn } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { Scene } from "./scene";
import { StageView, type StageHandlers, type StageSettings } from "./stage-view";
import { usePicture } from "./use-picture";
import classes from "./microtasks.module.css";

export interface StageProps extends StageHandlers {
  /** What the picture shows and what may be done with it, for screen readers. */
  label: string;
  picture: string | undefined;
  scene: Scene;
  settings: StageSettings;
  /** Buttons of the zoom at the picture's edge; left out where the picture is small. */
  zoomable?: boolean;
}

/** The crop: zoomed and moved with two fingers, the wheel or the keys; drawn on, tapped or swiped with one finger. */
export function Stage({ label, picture, scene, settings, zoomable = true, onPath, onPress, onSwipe }: StageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref: sized, width, height } = useElementSize<HTMLDivElement>();
  const box = useMergedRef(sized);
  const [view, setView] = useState<StageView | null>(null);
  const loaded = usePicture(picture);
  useEffect(() => {
    if (!canvas.current) return;
    const made = new StageView(canvas.current);
    const stop = hear(canvas.current, made);
    setView(made);
    return () => {
      stop();
      made.destroy();
    };
  }, []);
  useEffect(() => {
    view?.setHandlers({ onPath, onPress, onSwipe });
  }, [view, onPath, onPress, onSwipe]);
  useEffect(() => view?.resize(width, height), [view, width, height]);
  useEffect(() => view?.setSettings(settings), [view, settings]);
  useEffect(() => view?.setScene(scene), [view, scene]);
  useEffect(() => view?.setPicture(loaded.picture), [view, loaded.picture]);
  return (
    <div className={classes.stage} ref={box}>
      <canvas ref={canvas} className={classes.canvas} tabIndex={0} role="application" aria-label={label} data-stage data-loaded={loaded.picture ? true : undefined} />
      {loaded.failed && (
        <p className={classes.noPicture} role="alert">
          The picture did not come.
        </p>
      )}
      {zoomable && (
        <div className={classes.zoom}>
          <ActionIcon className={classes.touchZoom} variant="default" size={44} radius="xl" aria-label="Zoom: closer, then all" onClick={() => view?.cycleZoom()}>
            <IconZoomIn size={20} />
          </ActionIcon>
          <ActionIcon className={classes.mouseZoom} variant="default" size={36} radius="xl" aria-label="Zoom in" onClick={() => view?.zoom(1.5)}>
            <IconPlus size={18} />
          </ActionIcon>
          <ActionIcon className={classes.mouseZoom} variant="default" size={36} radius="xl" aria-label="Zoom out" onClick={() => view?.zoom(1 / 1.5)}>
            <IconMinus size={18} />
          </ActionIcon>
          <ActionIcon className={classes.mouseZoom} variant="default" size={36} radius="xl" aria-label="Show all" onClick={() => view?.fit()}>
            <IconArrowsMaximize size={16} />
          </ActionIcon>
        </div>
      )}
    </div>
  );
}

/** Not through React: its wheel and touch listeners are passive and could not keep the page from scrolling. */
function hear(canvas: HTMLCanvasElement, view: StageView): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal, passive: false } as const;
  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (event.isTrusted) canvas.setPointerCapture(event.pointerId);
      view.pointerDown(event);
    },
    options,
  );
  canvas.addEventListener("pointermove", (event) => view.pointerMove(event), options);
  canvas.addEventListener("pointerup", (event) => view.pointerUp(event), options);
  canvas.addEventListener("pointercancel", (event) => view.pointerCancel(event), options);
  // Nothing is left to the browser's gestures: the fling that it would make of a quick stroke swallows the next tap.
  canvas.addEventListener("touchstart", (event) => event.preventDefault(), options);
  canvas.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      view.wheel(event);
    },
    options,
  );
  canvas.addEventListener(
    "keydown",
    (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && view.key(event)) event.preventDefault();
    },
    options,
  );
  return () => stop.abort();
}
