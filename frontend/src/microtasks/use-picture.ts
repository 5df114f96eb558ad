import { useEffect, useState } from "react";

interface Loaded {
  readonly picture: HTMLImageElement | null;
  readonly failed: boolean;
}

const NONE: Loaded = { picture: null, failed: false };

/** The picture of an address once it is decoded; the former one stays until then, so that blinking does not flash. */
export function usePicture(address: string | undefined): Loaded {
  const [loaded, setLoaded] = useState<Loaded>(NONE);
  useEffect(() => {
    if (!address) return;
    let wanted = true;
    const picture = new Image();
    picture.onload = () => wanted && setLoaded({ picture, failed: false });
    picture.onerror = () => wanted && setLoaded({ picture: null, failed: true });
    picture.src = address;
    return () => {
      wanted = false;
    };
  }, [address]);
  return address ? loaded : NONE;
}
