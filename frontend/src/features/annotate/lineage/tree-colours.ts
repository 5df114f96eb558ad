import type { TreeColours } from "./paint";

/** The page's colours as a canvas wants them. */
export function readColours(element: HTMLElement): TreeColours {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return {
    background: value("--mantine-color-body"),
    text: value("--mantine-color-text"),
    dimmed: value("--mantine-color-dimmed"),
    line: value("--cyto-line"),
    accent: value("--cyto-accent"),
    chosen: value("--cyto-chosen"),
    warn: value("--cyto-wait"),
    bad: value("--cyto-bad"),
  };
}
