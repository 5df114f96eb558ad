import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./panes.module.css";

interface PaneHeadProps {
  title: string;
  /** What is being read, or left out. */
  note?: string;
  children?: ReactNode;
  onClose?: () => void;
}

/** A pane's name over its upper left corner, with what can be chosen for it. */
export function PaneHead({ title, note, children, onClose }: PaneHeadProps) {
  return (
    <div className={classes.head}>
      <b>{title}</b>
      {children}
      {note && <span role="status">{note}</span>}
      {onClose && (
        <ActionIcon variant="subtle" color="gray" size="xs" aria-label={`Close pane ${title}`} onClick={onClose}>
          <IconX size={13} />
        </ActionIcon>
      )}
    </div>
  );
}
