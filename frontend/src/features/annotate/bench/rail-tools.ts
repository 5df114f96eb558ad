import {
  IconArrowMerge, IconArrowsSplit, IconBinaryTree2, IconBrush, IconBucketDroplet, IconContrast2, IconEraser, IconHandStop, IconLasso, IconLassoPolygon, IconLink,
  IconMagnet, IconOvalVertical, IconPointFilled, IconPointer, IconPointerMinus, IconPolygon, IconRectangle, IconRoute, IconScissors, IconSparkles, IconTrash, IconWand, type Icon,
} from "@tabler/icons-react";
import { isAction } from "./key-names";

/** A tool by the action that takes it in the hand. */
export interface RailTool {
  readonly action: string;
  readonly icon: Icon;
  /** Tools that only look stay usable where nothing may be changed. */
  readonly looks?: boolean;
  /** It works on frames that follow each other. */
  readonly ofMovies?: boolean;
}

export interface RailGroup {
  readonly title: string;
  readonly tools: readonly RailTool[];
}

const GROUPS: readonly RailGroup[] = [
  { title: "Choose", tools: [{ action: "tool.select", icon: IconPointer, looks: true }, { action: "tool.pan", icon: IconHandStop, looks: true }] },
  { title: "Paint", tools: [{ action: "tool.brush", icon: IconBrush }, { action: "tool.eraser", icon: IconEraser }, { action: "tool.fill", icon: IconBucketDroplet }] },
  {
    title: "Guided by the picture",
    tools: [
      { action: "tool.prompt", icon: IconSparkles },
      { action: "tool.prompt-negative", icon: IconPointerMinus },
      { action: "tool.threshold", icon: IconContrast2 },
      { action: "tool.wand", icon: IconWand },
    ],
  },
  {
    title: "Shapes",
    tools: [
      { action: "tool.polygon", icon: IconPolygon },
      { action: "tool.lasso", icon: IconLasso },
      { action: "tool.magnetic", icon: IconMagnet },
      { action: "tool.box", icon: IconRectangle },
      { action: "tool.ellipse", icon: IconOvalVertical },
      { action: "tool.point", icon: IconPointFilled },
    ],
  },
  {
    title: "Split and gather",
    tools: [
      { action: "tool.watershed", icon: IconArrowsSplit },
      { action: "tool.cut", icon: IconScissors },
      { action: "tool.gather", icon: IconLassoPolygon },
    ],
  },
  { title: "Tracks", tools: [{ action: "tool.link", icon: IconLink, ofMovies: true }, { action: "tool.divide", icon: IconBinaryTree2, ofMovies: true }, { action: "tool.follow", icon: IconRoute, ofMovies: true }] },
  { title: "Join and remove", tools: [{ action: "tool.merge", icon: IconArrowMerge }, { action: "tool.delete", icon: IconTrash }] },
];

/** Groups of the tools that this editor has; where nothing may be changed, only those that look. */
export function railGroups(readOnly: boolean, frames = 2): RailGroup[] {
  return GROUPS.map(({ title, tools }) => ({ title, tools: tools.filter(({ action, looks, ofMovies }) => isAction(action) && (looks || !readOnly) && (!ofMovies || frames > 1)) })).filter(({ tools }) => tools.length > 0);
}

/** Groups of more tools than this show one of them, the rest fly out. */
export const MOST_SHOWN = 2;

export const flies = ({ title, tools }: RailGroup): boolean => tools.length > MOST_SHOWN && title !== "Paint";
