import { IconPhoto } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./thumbnail.module.css";

/** A small picture of an image; a quiet square while there is none. Its name stands beside it, so it has no words. */
export function Thumbnail({ src, size }: { src: string | null; size?: number | string }) {
  const [failed, setFailed] = useState(false);
  return (
    <span className={classes.frame} style={{ width: size, height: size }}>
      {src && !failed ? (
        <img src={src} alt="" loading="lazy" decoding="async" className={classes.picture} onError={() => setFailed(true)} />
      ) : (
        <IconPhoto size={18} stroke={1.2} aria-hidden />
      )}
    </span>
  );
}
