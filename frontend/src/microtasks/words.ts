/** What each kind of question says. */
import type { Choice, Kind } from "./types";

export const KIND_NAMES: Record<Kind, string> = {
  OUTLINE: "Outline cells",
  FIX: "Fix an outline",
  CENTRES: "Tap the centres",
  CELL: "Is this a cell?",
  SAME: "Same cell or not?",
  DIVIDED: "Did it divide?",
  CLASS: "Which class?",
};

export const KIND_SENTENCES: Record<Kind, string> = {
  OUTLINE: "People draw around cells with a finger or a mouse.",
  FIX: "People mend an outline that a model or a person drew.",
  CENTRES: "People tap once on the middle of each cell.",
  CELL: "Yes or no for each outlined object: the quickest question.",
  SAME: "Two moments side by side: is it the same cell? For links that a tracker is unsure of.",
  DIVIDED: "Two moments side by side: has the cell become two?",
  CLASS: "People choose one of the project's classes.",
};

export function askWords(kind: Kind, single = true): string {
  switch (kind) {
    case "OUTLINE":
      return single ? "Draw around the marked cell." : "Draw around every cell.";
    case "FIX":
      return "Does the outline follow the cell? Mend it.";
    case "CENTRES":
      return "Tap the middle of every cell.";
    case "CELL":
      return "Is the outlined object one cell?";
    case "SAME":
      return "Is it the same cell in both pictures?";
    case "DIVIDED":
      return "Has the cell divided in the second picture?";
    case "CLASS":
      return "Which kind of cell is outlined?";
  }
}

export const CHOICE_NAMES: Record<Choice, string> = { yes: "Yes", no: "No", unsure: "Not sure" };

/** Steps of the short how-to, one picture each. */
export function howToSteps(kind: Kind): readonly string[] {
  switch (kind) {
    case "OUTLINE":
      return ["Zoom with two fingers until the cell is large.", "Draw around it with one finger. The line closes by itself when you lift it.", "Add what is missing with the brush, rub out what is too much."];
    case "FIX":
      return ["The coloured area is what somebody drew. Compare it with the cell.", "Paint what is missing with the brush.", "Rub out what does not belong. If all is well, send it as it is."];
    case "CENTRES":
      return ["Tap once on the middle of each cell.", "Tap a dot again to take it away, or drag it to a better place.", "Cells cut by the border count where their middle is inside."];
    case "CELL":
      return ["Look at the outlined object.", "Yes: it is one whole cell. No: it is dirt, background, half a cell or several cells.", "Swipe right for yes, left for no, up when you are not sure."];
    case "SAME":
      return ["Two pictures of one place, shortly after each other.", "Compare size, shape and neighbours. “Blink” shows them in turn.", "Swipe right for the same cell, left for another one, up when you are not sure."];
    case "DIVIDED":
      return ["Two pictures of one place, shortly after each other.", "Yes: one cell has become two daughters, side by side and about half the size.", "Swipe right for yes, left for no, up when you are not sure."];
    case "CLASS":
      return ["Look at the outlined cell, and zoom with two fingers where it is small.", "Tap the class that fits best. After the practice the buttons show examples.", "“Not sure” is a good answer too: it tells that a cell is hard."];
  }
}

/** About how long one answer takes, s: for the owner's plan. */
export const USUAL_S: Record<Kind, number> = { OUTLINE: 25, FIX: 20, CENTRES: 20, CELL: 3, SAME: 5, DIVIDED: 5, CLASS: 4 };
