import { useEffect, useMemo, useRef } from "react";
import { outlineOf } from "@/editor/painting";
import { asOne, choiceIn, masksIn, pointsIn } from "@/microtasks/compare";
import { runsOfRows } from "@/microtasks/rows";
import { INKS } from "@/microtasks/scene";
import type { RunRows, Value } from "@/microtasks/types";
import { allPoints, ambiguityPicture, coverage } from "./overlay";
import { itemPicture, type Item } from "./queries";
import classes from "./campaigns.module.css";

export const valueOf = (told: unknown): Value | null => (typeof told === "object" && told !== null && ("masks" in told || "points" in told || "choice" in told) ? (told as Value) : null);

/** A crop with what is asked about drawn in, and what the crowd says or what is known. */
export function ItemCrop({ campaign, item, end = 0, answers, large = false }: { campaign: string; item: Item; end?: number; answers?: readonly Value[]; large?: boolean }) {
  const said = valueOf(item.consensus) ?? valueOf(item.truth);
  const shown = (item.shown[end] ?? []) as unknown as readonly RunRows[];
  const asked = item.kind === "FIX" && said !== null ? [] : shown;
  return (
    <span className={classes.crop} style={large ? { aspectRatio: `${item.width} / ${item.height}`, maxWidth: `calc(55dvh * ${item.width / item.height})` } : undefined}>
      <img src={itemPicture(campaign, item.id, end)} alt="" loading="lazy" decoding="async" />
      {answers && <Ambiguity answers={answers} height={item.height} width={item.width} />}
      <svg viewBox={`0 0 ${item.width} ${item.height}`} role="img" aria-label={describe(item, said)}>
        {asked.map((rows, i) => (
          <path key={`asked ${i}`} d={pathOf(rows)} stroke={INKS.asked} strokeWidth={1.5} />
        ))}
        {masksIn(said).map((rows, i) => (
          <path key={`said ${i}`} d={pathOf(rows)} stroke={item.consensus ? INKS.mine : INKS.truth} strokeWidth={1.75} />
        ))}
        {(answers ? allPoints(answers) : []).map(([y, x], i) => (
          <circle key={`one ${i}`} cx={x} cy={y} r={item.width / 70} fill={INKS.extra} fillOpacity={0.7} />
        ))}
        {pointsIn(said).map(([y, x], i) => (
          <circle key={`point ${i}`} cx={x} cy={y} r={item.width / 40} fill="none" stroke={INKS.mine} strokeWidth={item.width / 90} />
        ))}
      </svg>
    </span>
  );
}

function pathOf(rows: RunRows): string {
  return outlineOf(runsOfRows(rows))
    .map((ring) => `M${Array.from({ length: ring.length / 2 }, (_, i) => `${ring[2 * i]} ${ring[2 * i + 1]}`).join("L")}Z`)
    .join("");
}

function describe(item: Item, said: Value | null): string {
  const place = `${item.image_name}, frame ${item.t + 1}`;
  if (said === null) return `${place}, not answered yet`;
  if ("choice" in said) return `${place}: ${choiceIn(said)}`;
  return "masks" in said ? `${place}: ${said.masks.length} outlines, ${asOne(said.masks).length > 0 ? "drawn in" : "none"}` : `${place}: ${pointsIn(said).length} centres`;
}

/** Brightest where half of the answers say cell and half do not. */
function Ambiguity({ answers, height, width }: { answers: readonly Value[]; height: number; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = useMemo(() => ambiguityPicture(coverage(answers, height, width), answers.length), [answers, height, width]);
  useEffect(() => {
    canvas.current?.getContext("2d")?.putImageData(new ImageData(picture, width, height), 0, 0);
  }, [picture, width, height]);
  return <canvas ref={canvas} width={width} height={height} aria-hidden />;
}
