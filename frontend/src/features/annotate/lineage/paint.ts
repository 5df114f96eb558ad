/** Draws what is in sight of the tree; the cost follows the rows in sight, not the number of tracks. */
import { firstBelow, type Layout, type Placed } from "./layout";
import { firstOf, lastOf } from "./spans";
import { AXIS_PX, GUTTER_PX, frameAt, rowAt, xOf, yOf, type Room, type ViewWindow } from "./view-window";

export interface TreeColours {
  readonly background: string;
  readonly text: string;
  readonly dimmed: string;
  readonly line: string;
  readonly accent: string;
  readonly chosen: string;
  readonly warn: string;
  readonly bad: string;
}

export interface TreePicture {
  readonly layout: Layout;
  readonly view: ViewWindow;
  readonly room: Room;
  readonly frames: number;
  /** The frame of the image. */
  readonly t: number;
  readonly selected: ReadonlySet<number>;
  readonly hovered: number | null;
  /** Frames of each cell that somebody should look at. */
  readonly flags: ReadonlyMap<number, readonly number[]>;
  readonly colourOf: (cell: number) => string;
  readonly colours: TreeColours;
  /** A branch that is dragged: from here to there, px. */
  readonly drag: { readonly from: { x: number; y: number }; readonly to: { x: number; y: number } } | null;
}

/** Cells are bright in light and dark. */
const ON_BAR = "#10151a";
const FONT = '10px system-ui, "Segoe UI", sans-serif';

export function paint(ctx: CanvasRenderingContext2D, picture: TreePicture): number {
  const { room, view, colours } = picture;
  ctx.fillStyle = colours.background;
  ctx.fillRect(0, 0, room.width, room.height);
  ctx.font = FONT;
  ctx.textBaseline = "middle";
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, AXIS_PX, room.width, room.height - AXIS_PX);
  ctx.clip();
  drawNow(ctx, picture);
  const count = drawFamilies(ctx, picture, rowAt(view, AXIS_PX), rowAt(view, room.height));
  drawDrag(ctx, picture);
  ctx.restore();
  drawAxis(ctx, picture);
  drawScroll(ctx, picture);
  return count;
}

/** The frame of the image, as a column. */
function drawNow(ctx: CanvasRenderingContext2D, { view, room, t, colours }: TreePicture): void {
  const x = xOf(view, t);
  ctx.fillStyle = colours.chosen;
  ctx.fillRect(x, AXIS_PX, Math.max(view.frame_px, 2), room.height);
  ctx.fillStyle = colours.accent;
  ctx.fillRect(Math.round(x + Math.max(view.frame_px, 2) / 2) - 0.5, AXIS_PX, 1, room.height);
}

function drawFamilies(ctx: CanvasRenderingContext2D, picture: TreePicture, first: number, last: number): number {
  const { families } = picture.layout;
  let count = 0;
  for (let i = firstBelow(families, first); i < families.length; i++) {
    const family = families[i];
    if (!family || family.top > last) break;
    drawRule(ctx, picture, family.top);
    // A mother of a large family may be out of sight while her daughters are in it.
    for (const member of family.members) {
      if (member.daughters.length > 0) drawFork(ctx, picture, member);
      if (member.row < first - 1 || member.row > last + 1) continue;
      drawTrack(ctx, picture, member);
      count++;
    }
  }
  return count;
}

function drawRule(ctx: CanvasRenderingContext2D, { view, room, colours }: TreePicture, row: number): void {
  if (row === 0) return;
  ctx.fillStyle = colours.line;
  ctx.fillRect(0, Math.round(AXIS_PX + (row - view.top) * view.row_px), room.width, 1);
}

/** From the end of a mother up and down to where her daughters begin. */
function drawFork(ctx: CanvasRenderingContext2D, picture: TreePicture, { track, row, daughters }: Placed): void {
  const { view, colours, layout } = picture;
  const x = xOf(view, lastOf(track.spans) + 1);
  if (x < 0 || x > picture.room.width + 40) return;
  ctx.strokeStyle = colours.dimmed;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const daughter of daughters) {
    const to = layout.places.get(daughter);
    if (!to) continue;
    const [y, start] = [yOf(view, to.row), xOf(view, firstOf(to.track.spans))];
    ctx.moveTo(x, yOf(view, row));
    ctx.lineTo(x, y);
    ctx.lineTo(start, y);
  }
  ctx.stroke();
}

function drawTrack(ctx: CanvasRenderingContext2D, picture: TreePicture, member: Placed): void {
  const { view, room, colours, selected, hovered } = picture;
  const { track } = member;
  const y = yOf(view, member.row);
  const [x0, x1] = [xOf(view, firstOf(track.spans)), xOf(view, lastOf(track.spans) + 1)];
  const high = Math.max(2, Math.min(9, view.row_px * 0.56));
  const isChosen = selected.has(track.cell);
  if (isChosen || hovered === track.cell) {
    ctx.fillStyle = colours.chosen;
    ctx.fillRect(0, y - view.row_px / 2, room.width, view.row_px);
  }
  if (x1 >= 0 && x0 <= room.width) drawBar(ctx, picture, member, y, high);
  if (isChosen) {
    ctx.strokeStyle = colours.accent;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(x0 - 1, y - high / 2 - 1.5, Math.max(x1 - x0, 2) + 2, high + 3);
  }
  drawMarks(ctx, picture, member, y, high);
  if (view.row_px >= 11) drawName(ctx, picture, member, x0, x1, y);
}

/** Frames with pixels are filled, gaps a thin line between. */
function drawBar(ctx: CanvasRenderingContext2D, { view, colourOf }: TreePicture, { track: { cell, spans, facts } }: Placed, y: number, high: number): void {
  ctx.globalAlpha = facts.ignored ? 0.35 : 1;
  ctx.fillStyle = colourOf(cell);
  if (spans.length > 2) ctx.fillRect(xOf(view, firstOf(spans)), y - 0.5, (lastOf(spans) + 1 - firstOf(spans)) * view.frame_px, 1);
  for (let i = 0; i < spans.length; i += 2) {
    const [first = 0, last = 0] = [spans[i], spans[i + 1]];
    ctx.fillRect(xOf(view, first), y - high / 2, Math.max((last + 1 - first) * view.frame_px - (view.frame_px > 4 ? 1 : 0), 1), high);
  }
  ctx.globalAlpha = 1;
}

/** Flags above the bar; how the cell ends behind it. */
function drawMarks(ctx: CanvasRenderingContext2D, picture: TreePicture, { track, folded }: Placed, y: number, high: number): void {
  const { view, colours, layout, flags } = picture;
  const end = xOf(view, lastOf(track.spans) + 1);
  for (const t of flags.get(track.cell) ?? []) drawFlag(ctx, xOf(view, t + 0.5), y - high / 2, colours.warn);
  const { merged_into: into, ending, locked } = track.facts;
  ctx.strokeStyle = colours.text;
  ctx.lineWidth = 1.5;
  if (ending === "death") {
    ctx.beginPath();
    ctx.moveTo(end + 2, y - 3);
    ctx.lineTo(end + 8, y + 3);
    ctx.moveTo(end + 2, y + 3);
    ctx.lineTo(end + 8, y - 3);
    ctx.stroke();
  } else if (ending === "leaves") {
    ctx.beginPath();
    ctx.moveTo(end + 2, y);
    ctx.lineTo(end + 8, y);
    ctx.lineTo(end + 5, y - 3);
    ctx.moveTo(end + 8, y);
    ctx.lineTo(end + 5, y + 3);
    ctx.stroke();
  }
  const other = into === null ? undefined : layout.places.get(into);
  if (other) {
    ctx.setLineDash([2, 2]);
    ctx.beginPath();
    ctx.moveTo(end, y);
    ctx.lineTo(end, yOf(view, other.row));
    ctx.stroke();
    ctx.setLineDash([]);
  }
  if (folded > 0 && view.row_px >= 9) label(ctx, `+${folded}`, end + 10, y, colours.dimmed);
  if (locked && view.row_px >= 9) drawLock(ctx, xOf(view, firstOf(track.spans)) + 3, y, ON_BAR);
}

function drawFlag(ctx: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.moveTo(x, y + 1);
  ctx.lineTo(x - 3.5, y - 4);
  ctx.lineTo(x + 3.5, y - 4);
  ctx.fill();
}

function drawLock(ctx: CanvasRenderingContext2D, x: number, y: number, colour: string): void {
  ctx.fillStyle = colour;
  ctx.fillRect(x - 1, y - 1, 5, 3.5);
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.strokeRect(x, y - 3, 3, 3);
}

/** Beside its bar, on the side where there is room in sight. */
function drawName(ctx: CanvasRenderingContext2D, { room, colours, selected, view }: TreePicture, { track: { cell, facts }, daughters, folded }: Placed, x0: number, x1: number, y: number): void {
  const text = String(cell);
  const colour = selected.has(cell) ? colours.accent : colours.dimmed;
  const wide = ctx.measureText(text).width;
  const before = x0 - wide - 4;
  if (before >= 2 && facts.mother === null) label(ctx, text, before, y, colour);
  else if (x1 + 4 + wide < room.width && daughters.length === 0) label(ctx, text, x1 + (facts.ending ? 12 : folded > 0 ? 28 : 4), y, colour);
  else if (Math.min(x1, room.width) - Math.max(x0, 0) > wide + 8 && view.row_px >= 13) label(ctx, text, Math.max(x0, 0) + (facts.locked ? 10 : 4), y, ON_BAR);
}

function label(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string): void {
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y + 0.5);
}

function drawDrag(ctx: CanvasRenderingContext2D, { drag, colours }: TreePicture): void {
  if (!drag) return;
  ctx.strokeStyle = colours.accent;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([4, 3]);
  ctx.beginPath();
  ctx.moveTo(drag.from.x, drag.from.y);
  ctx.lineTo(drag.to.x, drag.to.y);
  ctx.stroke();
  ctx.setLineDash([]);
}

// ---------------------------------------------------------------- frame of the drawing

function drawAxis(ctx: CanvasRenderingContext2D, { view, room, frames, t, colours }: TreePicture): void {
  ctx.fillStyle = colours.background;
  ctx.fillRect(0, 0, room.width, AXIS_PX);
  ctx.fillStyle = colours.line;
  ctx.fillRect(0, AXIS_PX - 1, room.width, 1);
  const step = tickStep(view.frame_px);
  for (let tick = Math.ceil(Math.max(0, frameAt(view, 0)) / step) * step; tick < frames; tick += step) {
    const x = xOf(view, tick + 0.5);
    if (x > room.width) break;
    ctx.fillStyle = colours.line;
    ctx.fillRect(x, AXIS_PX - 4, 1, 3);
    centred(ctx, String(tick), x, room, colours.dimmed);
  }
  const x = xOf(view, t + 0.5);
  const wide = ctx.measureText(String(t)).width + 8;
  ctx.fillStyle = colours.accent;
  ctx.fillRect(Math.min(Math.max(x - wide / 2, 0), room.width - wide), 1, wide, AXIS_PX - 4);
  centred(ctx, String(t), x, room, colours.background);
}

function centred(ctx: CanvasRenderingContext2D, text: string, x: number, room: Room, colour: string): void {
  const wide = ctx.measureText(text).width;
  label(ctx, text, Math.min(Math.max(x - wide / 2, 4), room.width - wide - 4), AXIS_PX / 2 - 1, colour);
}

/** Ticks stand at 1, 2, 5, 10 … frames, at least 48 px apart. */
export function tickStep(frame_px: number): number {
  for (let power = 1; ; power *= 10) for (const digit of [1, 2, 5]) if (digit * power * frame_px >= 48) return digit * power;
}

function drawScroll(ctx: CanvasRenderingContext2D, { view, room, layout, colours }: TreePicture): void {
  const shown = (room.height - AXIS_PX) / view.row_px;
  if (layout.rows <= shown) return;
  const track = room.height - AXIS_PX;
  const high = Math.max(18, (track * shown) / layout.rows);
  ctx.fillStyle = colours.dimmed;
  ctx.globalAlpha = 0.5;
  ctx.fillRect(room.width - 5, AXIS_PX + ((track - high) * view.top) / Math.max(layout.rows - shown, 1), 4, high);
  ctx.globalAlpha = 1;
}

export { GUTTER_PX };
