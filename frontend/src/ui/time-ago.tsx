import { useInterval } from "@mantine/hooks";
import { useState } from "react";
import { formatAgo, formatDateTime } from "@/lib/format";

/** "3 min ago", kept true while the page is open; the exact time is its title. */
export function TimeAgo({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true });
  return (
    <time dateTime={at} title={formatDateTime(at)} className="num">
      {formatAgo(at, now)}
    </time>
  );
}
