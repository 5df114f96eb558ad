import { addresses } from "@/lib/addresses";
import type { Rating } from "./queries";

/** The page where the two ratings lie side by side and are settled; none before both are handed in. */
export function compareAddress(project: string, { id, image, first, second, stage }: Rating | Omit<Rating, "never">): string | null {
  if (!first || second.number === null || (stage !== "READY" && stage !== "SETTLED")) return null;
  return addresses.compare(project, image.id, { base: first.branch, target: second.branch, targetRevision: second.number, rating: id });
}
