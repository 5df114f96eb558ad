import { Tooltip, UnstyledButton } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { KeyboardEvent, MouseEvent, Ref } from "react";
import classes from "./bench.module.css";
import { ariaKeys } from "./key-names";

interface RailButtonProps {
  label: string;
  letter?: string;
  icon: Icon;
  pressed?: boolean;
  disabled?: boolean;
  /** More lies behind it. */
  more?: boolean;
  ref?: Ref<HTMLButtonElement>;
  onClick: () => void;
  /** Right click or the arrow key: what lies behind it. */
  onMore?: () => void;
}

export function RailButton({ label, letter, icon: Icon, pressed, disabled, more, ref, onClick, onMore }: RailButtonProps) {
  const open = (event: MouseEvent | KeyboardEvent) => {
    if (!onMore) return;
    event.preventDefault();
    event.stopPropagation();
    onMore();
  };
  return (
    <Tooltip label={letter ? `${label} (${letter})` : label} position="right">
      <UnstyledButton
        ref={ref}
        className={classes.tool}
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={ariaKeys(letter)}
        aria-disabled={disabled}
        data-disabled={disabled || undefined}
        data-more={more || undefined}
        onClick={() => !disabled && onClick()}
        onContextMenu={open}
        onKeyDown={(event) => event.key === "ArrowRight" && open(event)}
      >
        <Icon size={20} stroke={1.6} aria-hidden />
        {letter && letter.length < 3 && <span className={classes.letter} data-letter={letter} aria-hidden />}
      </UnstyledButton>
    </Tooltip>
  );
}
