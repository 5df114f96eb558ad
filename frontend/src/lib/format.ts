/** Numbers, sizes and times as people read them. Pure: the clock is always handed in. */

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** 1 kB is 1000 bytes, as file managers and the server's limits count. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

const COUNT = new Intl.NumberFormat("en");

export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** "1 image", "12,000 images". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Seconds as "40 s", "3 min", "1 h 20 min"; an en dash when unknown. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 60 * 48) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / 60 / 24)} days`;
}

/** How long ago, short enough for a table; the exact time belongs in a tooltip. */
export function formatAgo(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return "–";
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 3600 * 48) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 3600 * 24 * 30) return `${Math.round(seconds / 3600 / 24)} days ago`;
  return formatDate(iso);
}

export function formatDate(iso: string): string {
  return new Date(iso).toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" });
}

export function formatDateTime(iso: string): string {
  return new Date(iso).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
}

/** Micrometres with the digits a microscope's header has: 0.325 µm. */
export function formatMicrometres(value: number | null | undefined): string {
  return value == null ? "not set" : `${Number(value.toPrecision(4))} µm`;
}
