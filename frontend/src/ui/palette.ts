/**
 * Colours that people with any colour vision can tell apart (after Okabe and Ito, 2008), and never the only sign:
 * each state also has a word and a shape.
 */
export const TONES = {
  quiet: { dark: "#8b98a5", light: "#5c6773" },
  busy: { dark: "#56b4e9", light: "#0b6aa8" },
  wait: { dark: "#e6a532", light: "#8f5a00" },
  good: { dark: "#2fc4b4", light: "#0b7a70" },
  bad: { dark: "#f0804a", light: "#b3430a" },
} as const;

export type Tone = keyof typeof TONES;

/** Offered first when a class is made; in this order neighbours differ most. */
export const CLASS_COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#8c8c8c"] as const;
