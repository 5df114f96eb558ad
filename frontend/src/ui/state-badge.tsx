import { Box } from "@mantine/core";
import type { ReactNode } from "react";
import type { Tone } from "./palette";
import classes from "./state-badge.module.css";

/** A state as a shape, a colour and a word: ring = not begun, half = under way, disc = done, cross = failed. */
export function StateBadge({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  return (
    <Box component="span" className={classes.badge} data-tone={tone} title={title}>
      <svg className={classes.shape} viewBox="0 0 12 12" width={10} height={10} aria-hidden>
        <Shape tone={tone} />
      </svg>
      {children}
    </Box>
  );
}

function Shape({ tone }: { tone: Tone }) {
  switch (tone) {
    case "quiet":
      return <circle cx={6} cy={6} r={4.25} fill="none" stroke="currentColor" strokeWidth={1.5} />;
    case "busy":
      return <path d="M6 1.5a4.5 4.5 0 0 1 0 9zM6 1.5a4.5 4.5 0 0 0 0 9" fill="currentColor" fillRule="evenodd" stroke="currentColor" strokeWidth={1} fillOpacity={0.9} />;
    case "wait":
      return <path d="M6 1 11 10.5H1z" fill="currentColor" />;
    case "good":
      return <circle cx={6} cy={6} r={5} fill="currentColor" />;
    case "bad":
      return <path d="m2 2 8 8M10 2l-8 8" stroke="currentColor" strokeWidth={2} />;
  }
}
