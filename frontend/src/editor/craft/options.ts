/** Settings of the drawn shapes and of the tools that look at grey values. */

/** A channel by its number, the first that is shown, or the mean of all shown ones (each stretched by its own contrast window). */
export type Guide = number | "first" | "shown";

export type ThresholdMethod = "otsu" | "triangle" | "li" | "percentile" | "local" | "value";

export interface CraftOptions {
  /** Whose grey values threshold, watershed, autofit, wand and magnetic lasso look at. */
  readonly guide: Guide;
  /** Standard deviation of the Gaussian that smooths before they look, image px, 0 to 10. */
  readonly smoothing_px: number;
  /** What the cells are on: brighter or darker than their surroundings. */
  readonly thresholdSide: "bright" | "dark";
  readonly thresholdMethod: ThresholdMethod;
  /** Method percentile: so many percent of the box's pixels lie below. */
  readonly thresholdPercentile: number;
  /** Method value: the grey value itself. */
  readonly thresholdValue: number;
  /** Method local: edge of the neighbourhood whose mean is compared, image px, odd. */
  readonly thresholdLocal_px: number;
  /** One cell for each connected piece, or everything one cell. */
  readonly thresholdMakes: "pieces" | "one";
  /** Pieces with fewer pixels are left out. */
  readonly thresholdSmallest_px: number;
  readonly thresholdFillsHoles: boolean;
  /** What the two-click split follows: grey values, the outline's waist, or whichever divides more clearly. */
  readonly watershedOn: "auto" | "grey" | "shape";
  /** How far autofit may move the outline, image px, 1 to 40. */
  readonly autofitReach_px: number;
  /** So far outside the middle of the edge autofit lays the outline, image px, -5 to 5. */
  readonly autofitOffset_px: number;
  /** How stiff autofit's outline is, 0 (follows every edge) to 10 (nearly round). */
  readonly autofitStiffness: number;
  /** Greatest difference from the pixel under the press that the wand takes, % of the channel's contrast window. */
  readonly wandTolerance: number;
  readonly wandFillsHoles: boolean;
  /** How strongly the magnetic lasso clings to edges, 0 (a straight line) to 10. */
  readonly magnetPull: number;
  /** Size of a box or ellipse that is placed with a click, image px. */
  readonly shapeWidth_px: number;
  readonly shapeHeight_px: number;
  /** Diameter of a point, image px. */
  readonly point_px: number;
  /** Every point is a cell of its own; otherwise it is added to the selected cell. */
  readonly pointsMakeCells: boolean;
  /** So too for the other shapes. */
  readonly shapesMakeCells: boolean;
  /** How far an outline's polygon may leave the pixels when it is opened for editing, image px. */
  readonly outlineTolerance_px: number;
}

export const CRAFT_OPTIONS: CraftOptions = {
  guide: "first",
  smoothing_px: 1,
  thresholdSide: "bright",
  thresholdMethod: "otsu",
  thresholdPercentile: 75,
  thresholdValue: 1000,
  thresholdLocal_px: 51,
  thresholdMakes: "pieces",
  thresholdSmallest_px: 20,
  thresholdFillsHoles: true,
  watershedOn: "auto",
  autofitReach_px: 6,
  autofitOffset_px: 0.25,
  autofitStiffness: 3,
  wandTolerance: 10,
  wandFillsHoles: true,
  magnetPull: 8,
  shapeWidth_px: 40,
  shapeHeight_px: 40,
  point_px: 8,
  pointsMakeCells: true,
  shapesMakeCells: false,
  outlineTolerance_px: 1,
};
