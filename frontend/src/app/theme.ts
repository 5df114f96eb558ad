import { createTheme, defaultVariantColorsResolver, type CSSVariablesResolver, type MantineColorsTuple, type VariantColorsResolver } from "@mantine/core";
import { TONES, type Tone } from "@/ui/palette";

const accent: MantineColorsTuple = ["#e3faf6", "#c9f1ea", "#97e3d7", "#60d3c3", "#36c5b2", "#1cb3a1", "#12998a", "#0b7a70", "#07625a", "#044a44"];
const bad: MantineColorsTuple = ["#fff0e8", "#ffdfcf", "#fcc0a2", "#f7a077", "#f0804a", "#e56a2e", "#d3571b", "#b3430a", "#8f3406", "#6e2703"];
const wait: MantineColorsTuple = ["#fff6e0", "#ffecc2", "#fddb8f", "#f9c75a", "#eeb440", "#e6a532", "#c98a14", "#8f5a00", "#734800", "#583700"];
const dark: MantineColorsTuple = ["#d7dce2", "#b6bec7", "#8e98a4", "#626d79", "#3b444e", "#2b333c", "#222930", "#14181d", "#0f1216", "#0a0c0f"];
const gray: MantineColorsTuple = ["#f7f8f9", "#eff1f3", "#e3e7ea", "#d3d9de", "#bcc5cc", "#98a3ad", "#6d7984", "#515c66", "#3a434b", "#20262c"];

const SANS = '"IBM Plex Sans Variable", system-ui, -apple-system, "Segoe UI", sans-serif';

/** What is filled is bright on graphite and deep on paper: its words are dark there and white here. */
const variantColours: VariantColorsResolver = (input) => {
  const colours = defaultVariantColorsResolver(input);
  return input.variant === "filled" ? { ...colours, color: "var(--cyto-on-filled)" } : colours;
};

/** Graphite or paper, one accent; dense enough for people who live here eight hours a day. */
export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 4 },
  variantColorResolver: variantColours,
  colors: { accent, bad, wait, dark, gray },
  black: "#1a2026",
  fontFamily: SANS,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace',
  headings: { fontFamily: SANS, fontWeight: "600" },
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    Button: { defaultProps: { size: "sm" } },
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250 } },
    ColorInput: { defaultProps: { eyeDropperButtonProps: { "aria-label": "Take a colour from the screen" } } },
    // What it would put in to take the focus is no item of a menu: the first item takes it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { overlayProps: { backgroundOpacity: 0.6 }, transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 }, transitionProps: { duration: 140 } } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  dark: {
    ...toneVariables("dark"),
    "--cyto-accent": "#2fc4b4",
    "--cyto-on-filled": "#071a17",
    "--cyto-line": "#2a3139",
    "--cyto-raised": "#191e24",
    "--cyto-sunk": "#0e1115",
    "--cyto-hover": "#1f252c",
    "--cyto-chosen": "rgb(47 196 180 / 14%)",
    "--mantine-color-body": "#14181d",
    // Mantine's own pale words on pale grounds would be nearly white here.
    "--mantine-color-accent-light": "rgb(47 196 180 / 15%)",
    "--mantine-color-accent-light-hover": "rgb(47 196 180 / 22%)",
    "--mantine-color-accent-light-color": "#5fd6c8",
    "--mantine-color-bad-light": "rgb(240 128 74 / 13%)",
    "--mantine-color-bad-light-hover": "rgb(240 128 74 / 20%)",
    "--mantine-color-bad-light-color": "#f39b70",
    "--mantine-color-wait-light": "rgb(230 165 50 / 12%)",
    "--mantine-color-wait-light-color": "#ebbd6a",
    "--mantine-color-dimmed": "#98a3ae",
  },
  light: {
    ...toneVariables("light"),
    // Darker than the shade of filled things: it is also read on the ground of what is chosen.
    "--cyto-accent": "#086b62",
    "--cyto-on-filled": "#ffffff",
    "--cyto-line": "#dfe4e8",
    "--cyto-raised": "#ffffff",
    "--cyto-sunk": "#eef1f3",
    "--cyto-hover": "#f3f5f7",
    "--cyto-chosen": "rgb(11 122 112 / 10%)",
    "--mantine-color-body": "#f8f9fa",
    "--mantine-color-wait-light": "rgb(230 165 50 / 16%)",
    "--mantine-color-wait-light-color": "#734800",
    "--mantine-color-dimmed": "#5c6873",
  },
});

function toneVariables(scheme: "dark" | "light"): Record<string, string> {
  return Object.fromEntries((Object.keys(TONES) as Tone[]).map((tone) => [`--cyto-${tone}`, TONES[tone][scheme]]));
}
