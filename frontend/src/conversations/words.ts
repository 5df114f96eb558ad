import type { Thread } from "@/api/comments";

/** What a conversation is about, in words: "cell 12, frame 3". */
export function placeWords({ place, t, z, cell }: Pick<Thread, "place" | "t" | "z" | "cell">): string {
  const frame = t === null ? "" : `frame ${t}${z ? `, slice ${z}` : ""}`;
  if (place === "CELL") return [`cell ${cell ?? "?"}`, frame].filter(Boolean).join(", ");
  if (place === "TRACK") return `track ${cell ?? "?"}`;
  if (place === "PIXEL") return `a place in ${frame}`;
  return place === "FRAME" ? frame : "the whole image";
}

/** The name that is being typed after the last @ before the cursor; null when none is. */
export function nameBegun(text: string, cursor: number): string | null {
  const found = /(?:^|\s|\()@([^@\n]{0,40})$/.exec(text.slice(0, cursor));
  return found?.[1] ?? null;
}

/** The text with the begun name written in full, and where the cursor stands then. */
export function withName(text: string, cursor: number, name: string): { text: string; cursor: number } {
  const begun = nameBegun(text, cursor) ?? "";
  const start = cursor - begun.length;
  return { text: `${text.slice(0, start)}${name} ${text.slice(cursor)}`, cursor: start + name.length + 1 };
}

/** Those whose name goes on as it was begun, a few of them. */
export function fitting<Person extends { name: string }>(people: readonly Person[], begun: string | null): Person[] {
  if (begun === null) return [];
  const wanted = begun.toLowerCase();
  return people.filter(({ name }) => name.toLowerCase().startsWith(wanted) && name.toLowerCase() !== wanted.trim()).slice(0, 6);
}
