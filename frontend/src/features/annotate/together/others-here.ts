import type { Other } from "@/editor";

/** Somebody not heard of for so long has left without saying so. */
export const SILENT_MS = 25_000;

/** Told apart by people with any kind of colour vision, and light enough for dark letters (Okabe and Ito 2008). */
const COLOURS = ["#e69f00", "#56b4e9", "#2fbf93", "#f0e442", "#cc79a7", "#ff8c5a", "#8fb8ff", "#c8e06a"] as const;

interface Heard {
  readonly other: Other;
  readonly at_ms: number;
}

/** Who is in the same labels now, from what the live line tells. */
export class OthersHere {
  readonly #heard = new Map<string, Heard>();

  constructor(
    private readonly branch: string,
    private readonly me: string,
  ) {}

  /** Takes in one message. Answers `came` for somebody new, `changed`, or null when it is of no concern. */
  hear(data: Readonly<Record<string, unknown>>, now_ms: number): "came" | "changed" | null {
    const user = data.user as { id?: unknown; name?: unknown } | undefined;
    if (data.branch !== this.branch || typeof user?.id !== "string" || user.id === this.me) return null;
    if (data.gone === true) return this.#heard.delete(user.id) ? "changed" : null;
    const isNew = !this.#heard.has(user.id);
    this.#heard.set(user.id, { other: otherOf(user.id, typeof user.name === "string" ? user.name : "", data), at_ms: now_ms });
    return isNew ? "came" : "changed";
  }

  /** Forgets the silent; true when somebody went. */
  sweep(now_ms: number): boolean {
    const silent = [...this.#heard].filter(([, { at_ms }]) => now_ms - at_ms > SILENT_MS);
    for (const [key] of silent) this.#heard.delete(key);
    return silent.length > 0;
  }

  list(): readonly Other[] {
    return [...this.#heard.values()].map(({ other }) => other).sort((a, b) => a.key.localeCompare(b.key));
  }
}

function otherOf(key: string, name: string, data: Readonly<Record<string, unknown>>): Other {
  const { x, y, cells } = data;
  return {
    key,
    name: name || "Somebody",
    color: colourOf(key),
    at: typeof x === "number" && typeof y === "number" ? { x, y } : null,
    t: Number(data.t ?? 0),
    z: Number(data.z ?? 0),
    cells: Array.isArray(cells) ? cells.filter((cell) => typeof cell === "number") : [],
  };
}

/** The same person has the same colour on every screen and every day. */
export function colourOf(user: string): string {
  let hash = 0;
  for (const letter of user) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return COLOURS[hash % COLOURS.length] ?? COLOURS[0];
}

/** "Ana Maria Lopez" → "AL" */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
}

/** "Ben", "Ben and Cleo", "Ben, Cleo and 3 more" */
export function namesOf(others: readonly Other[]): string {
  const names = others.map((other) => other.name);
  if (names.length <= 2) return names.join(" and ");
  return `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}
