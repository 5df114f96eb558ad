import { encode } from "uqr";
import classes from "./campaigns.module.css";

/** An address for a phone's camera; dark on light in every colour scheme, as cameras want it. */
export function QrCode({ address }: { address: string }) {
  const { data, size } = encode(address, { ecc: "M", border: 2 });
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg viewBox={`0 0 ${size} ${size}`} className={classes.qr} role="img" aria-label={`QR code of ${address}`} shapeRendering="crispEdges">
      <path d={squares.join("")} fill="#000" />
    </svg>
  );
}
