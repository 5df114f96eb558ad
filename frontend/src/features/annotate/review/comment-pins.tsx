import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { imageCommentsQuery } from "@/api/comments";
import { useBench } from "../bench/bench-context";
import { Pins, type Pin } from "./pins";

/** Open conversations on the picture, at their places. */
export function CommentPins() {
  const { image } = useBench();
  const threads = useQuery(imageCommentsQuery(image.id)).data;
  const pins = useMemo<Pin[]>(
    () => (threads ?? []).flatMap(({ id, t, z, y, x, place, resolved_at, answers }) => (t === null || y === null || x === null || resolved_at || place === "FRAME" ? [] : [{ key: id, t, z: z ?? 0, y, x, label: String(answers.length + 1) }])),
    [threads],
  );
  return pins.length > 0 ? <Pins pins={pins} /> : null;
}
