/** Names under which payment platforms tell who comes; the server keeps a salted hash of it alone. */
const NAMES = ["worker", "PROLIFIC_PID", "workerId", "participantId", "participant", "c"] as const;
const MOST_SIGNS = 200;

export function platformWorkerIn(search: string): string | null {
  const given = new URLSearchParams(search);
  const found = NAMES.map((name) => given.get(name)).find((value) => value !== null && value.trim() !== "");
  return found ? found.trim().slice(0, MOST_SIGNS) : null;
}
