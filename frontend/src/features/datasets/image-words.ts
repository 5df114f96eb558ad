import type { Image } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import type { Tone } from "@/ui/palette";

/** "12 frames · 2 channels · 512 × 640", leaving out what there is only one of. */
export function sizeWords(image: Image): string {
  const parts = [
    image.size_t > 1 && plural(image.size_t, "frame"),
    image.size_z > 1 && plural(image.size_z, "slice"),
    image.size_c > 1 && plural(image.size_c, "channel"),
    `${image.size_y} × ${image.size_x}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** The same for a card: "t 12 · c 2 · 512 × 640". */
export function shortSizeWords(image: Image): string {
  const axes = (["t", "z", "c"] as const).filter((axis) => image[`size_${axis}`] > 1).map((axis) => `${axis} ${image[`size_${axis}`]}`);
  return [...axes, `${image.size_y} × ${image.size_x}`].join(" · ");
}

/** Names keep the folder they came from: the last part says which image, the rest says where. */
export const fileName = (image: Image): string => image.name.slice(image.name.lastIndexOf("/") + 1);
export const folderName = (image: Image): string => image.name.slice(0, Math.max(0, image.name.lastIndexOf("/")));

/** Where the editor opens an image: on what a model proposed, while nothing else is known of it. */
export const editorAddress = (project: string, image: Image): string => addresses.annotate(project, image.id, { branch: image.draft?.id });

export interface LabelState {
  tone: Tone;
  word: string;
  order: number;
}

/** How far the labels of an image are; `accepted` may be behind the newest revision. */
export function labelState(image: Image): LabelState {
  if (image.state === "IMPORTING") return { tone: "busy", word: "importing", order: 0 };
  const head = image.current_branch?.head_number ?? 0;
  if (image.accepted_number !== null && head > image.accepted_number) return { tone: "wait", word: "changed since accepted", order: 4 };
  if (image.accepted_number !== null) return { tone: "good", word: "accepted", order: 5 };
  if (image.labelled) return { tone: "busy", word: "labelled", order: 3 };
  if (image.draft) return { tone: "wait", word: "proposed, to check", order: 2 };
  return { tone: "quiet", word: "no labels", order: 1 };
}
