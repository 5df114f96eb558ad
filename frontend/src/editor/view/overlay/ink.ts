/** Lines, hatching and words that can be read on any ground, dark or light. */

export const DARK = "rgb(8 10 14 / 75%)";
export const LIGHT = "#ffffff";
const FONT = '"IBM Plex Sans Variable", "IBM Plex Sans", system-ui, sans-serif';

export const fontOf = (size_px: number, weight = 500): string => `${weight} ${size_px}px ${FONT}`;

/** A light line on a wider dark one. `unit` is one CSS px in the context's present measure. */
export function strokeTwice(context: CanvasRenderingContext2D, path: Path2D, unit: number, color = LIGHT, width_px = 1.5): void {
  context.lineJoin = "bevel"; // round joins of a thousand corners cost more than all the rest
  context.lineCap = "butt";
  context.setLineDash([]);
  context.lineWidth = (width_px + 2) * unit;
  context.strokeStyle = DARK;
  context.stroke(path);
  context.lineWidth = width_px * unit;
  context.strokeStyle = color;
  context.stroke(path);
}

/** Light dashes in a dark line: something that is not yet. */
export function strokeDashed(context: CanvasRenderingContext2D, path: Path2D, unit: number, color = LIGHT): void {
  context.lineJoin = "bevel";
  context.lineCap = "butt";
  context.setLineDash([]);
  context.lineWidth = 3 * unit;
  context.strokeStyle = DARK;
  context.stroke(path);
  context.setLineDash([6 * unit, 4 * unit]);
  context.lineWidth = 1.5 * unit;
  context.strokeStyle = color;
  context.stroke(path);
  context.setLineDash([]);
}

export function writeWords(context: CanvasRenderingContext2D, words: string, x: number, y: number, color = LIGHT): void {
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = DARK;
  context.strokeText(words, x, y);
  context.fillStyle = color;
  context.fillText(words, x, y);
}

const HATCHES = new Map<string, CanvasPattern>();
const HATCH_PX = 8;

/** Slanted stripes that keep their width at every zoom; fills with the context's present transformation undone. */
export function hatch(context: CanvasRenderingContext2D, path: Path2D, color: string, density: number): void {
  const key = `${color} ${density}`;
  const pattern = HATCHES.get(key) ?? makeHatch(context, color, density);
  if (!pattern) return;
  HATCHES.set(key, pattern);
  pattern.setTransform(context.getTransform().inverse());
  context.fillStyle = pattern;
  context.fill(path, "evenodd");
}

function makeHatch(context: CanvasRenderingContext2D, color: string, density: number): CanvasPattern | null {
  const edge = Math.round(HATCH_PX * density);
  const tile = Object.assign(document.createElement("canvas"), { width: edge, height: edge });
  const ink = tile.getContext("2d");
  if (!ink) return null;
  ink.lineWidth = edge / 4;
  for (const [style, shift] of [[DARK, 0], [color, edge / 4]] as const) {
    ink.strokeStyle = style;
    ink.beginPath();
    for (const start of [-edge, 0, edge]) {
      ink.moveTo(start + shift - edge, edge * 2);
      ink.lineTo(start + shift + edge * 2, -edge);
    }
    ink.stroke();
  }
  return context.createPattern(tile, "repeat");
}

/** Black or white, whichever is read better on this ground (relative luminance 0 to 1). */
export const inkOn = (luminance: number): string => (luminance > 0.36 ? "#000000" : "#ffffff");
