/** The message `application/vnd.cytoloop.tiles`: labels of one frame as they travel. Little-endian throughout. */
import type { Frame, FrameTile } from "./frame";
import { TILE_PX } from "./geometry";
import { BrokenTile, packTile, unpackTile } from "./tile-content";

/** zlib, one whole stream. The core owns no browser, so it is handed in. */
export type Zlib = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;

const MAGIC = 0x31545943; // "CYT1"
const HEAD_BYTES = 16;
const TILE_HEAD_BYTES = 12;

interface PackedTile {
  readonly ty: number;
  readonly tx: number;
  readonly revision: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Throws BrokenTile when the message is not a frame. */
export async function decodeFrameWith(message: ArrayBuffer, inflate: Zlib): Promise<Frame> {
  const { head, packed } = cutMessage(message);
  const tiles = await Promise.all(packed.map((tile) => unpacked(tile, inflate)));
  return { head, tiles };
}

async function unpacked(tile: PackedTile, inflate: Zlib): Promise<FrameTile> {
  const content = unpackTile(await inflate(tile.bytes));
  return { ty: tile.ty, tx: tile.tx, revision: tile.revision, content };
}

function cutMessage(message: ArrayBuffer): { head: number; packed: PackedTile[] } {
  const view = new DataView(message);
  if (view.byteLength < HEAD_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new BrokenTile("The message is not a frame of tiles (it does not begin with CYT1).");
  }
  const tilePx = view.getUint32(8, true);
  if (tilePx !== TILE_PX) throw new BrokenTile(`The frame has tiles of ${tilePx} px; ${TILE_PX} are expected.`);
  const packed: PackedTile[] = [];
  let at = HEAD_BYTES;
  for (let left = view.getUint32(12, true); left > 0; left--) {
    packed.push(cutTile(view, at));
    at += TILE_HEAD_BYTES + packed[packed.length - 1].bytes.byteLength;
  }
  if (at !== view.byteLength) throw new BrokenTile("The frame's length is not what its tiles say.");
  return { head: view.getUint32(4, true), packed };
}

function cutTile(view: DataView, at: number): PackedTile {
  const ends = new BrokenTile("The frame ends in the middle of a tile.");
  if (at + TILE_HEAD_BYTES > view.byteLength) throw ends;
  const length = view.getUint32(at + 8, true);
  if (at + TILE_HEAD_BYTES + length > view.byteLength) throw ends;
  return {
    ty: view.getUint16(at, true),
    tx: view.getUint16(at + 2, true),
    revision: view.getUint32(at + 4, true),
    bytes: new Uint8Array(view.buffer as ArrayBuffer, at + TILE_HEAD_BYTES, length),
  };
}

/** The inverse of `decodeFrameWith`. */
export async function encodeFrameWith(frame: Frame, deflate: Zlib): Promise<ArrayBuffer> {
  const bodies = await Promise.all(frame.tiles.map((tile) => deflate(packTile(tile.content))));
  const size = bodies.reduce((sum, body) => sum + TILE_HEAD_BYTES + body.byteLength, HEAD_BYTES);
  const view = new DataView(new ArrayBuffer(size));
  [MAGIC, frame.head, TILE_PX, frame.tiles.length].forEach((value, i) => view.setUint32(4 * i, value, true));
  let at = HEAD_BYTES;
  frame.tiles.forEach((tile, i) => {
    view.setUint16(at, tile.ty, true);
    view.setUint16(at + 2, tile.tx, true);
    view.setUint32(at + 4, tile.revision, true);
    view.setUint32(at + 8, bodies[i].byteLength, true);
    new Uint8Array(view.buffer).set(bodies[i], at + TILE_HEAD_BYTES);
    at += TILE_HEAD_BYTES + bodies[i].byteLength;
  });
  return view.buffer;
}
