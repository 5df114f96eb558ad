import { useRef } from "react";
import bench from "../bench/bench.module.css";
import { useEditorFrame, useEditorState } from "../use-editor";
import classes from "./review.module.css";

export interface Pin {
  key: string;
  t: number;
  z: number;
  y: number;
  x: number;
  /** Its number in the list beside the picture. */
  label: string;
}

/** Numbered pins on the picture; moved by hand each frame of the camera, since React need not hear of that. */
export function Pins({ pins }: { pins: readonly Pin[] }) {
  const t = useEditorState((state) => state.t);
  const z = useEditorState((state) => state.z);
  const box = useRef<HTMLDivElement>(null);
  const here = pins.filter((pin) => pin.t === t && pin.z === z);
  useEditorFrame((editor) => {
    here.forEach((pin, at) => {
      const element = box.current?.children[at];
      const { x, y } = editor.toCanvas({ x: pin.x, y: pin.y });
      if (element instanceof HTMLElement) element.style.transform = `translate(${x}px, ${y}px)`;
    });
  });
  return (
    <div ref={box} className={bench.over}>
      {here.map((pin) => (
        <span key={pin.key} className={classes.pin}>
          <span>{pin.label}</span>
        </span>
      ))}
    </div>
  );
}
