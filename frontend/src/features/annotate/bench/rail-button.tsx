import { Tooltip, UnstyledButton } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import classes from "./bench.module.css";

interface RailButtonProps {
  label: string;
  letter?: string;
  icon: Icon;
  pressed?: boolean;
  disabled?: boolean;
  onClick: () => void;
}

export function RailButton({ label, letter, icon: Icon, pressed, disabled, onClick }: RailButtonProps) {
  return (
    <Tooltip label={letter ? `${label} (${letter})` : label} position="right">
      <UnstyledButton
        className={classes.tool}
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={letter}
        aria-disabled={disabled}
        data-disabled={disabled || undefined}
        onClick={() => !disabled && onClick()}
      >
        <Icon size={20} stroke={1.6} aria-hidden />
        {letter && letter.length < 3 && (
          <span className={classes.letter} aria-hidden>
            {letter}
          </span>
        )}
      </UnstyledButton>
    </Tooltip>
  );
}
