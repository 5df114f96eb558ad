import { Group, NumberInput, Popover, Slider, Tooltip, UnstyledButton } from "@mantine/core";
import { useEditor, useEditorState } from "../use-editor";
import classes from "./bench.module.css";

const SMALLEST = 1;
const LARGEST = 500;

/** Diameter in image pixels, typed or dragged; the slider is logarithmic because small steps matter when small. */
export function BrushSize() {
  const editor = useEditor();
  const size = useEditorState((state) => state.toolOptions.brush_px);
  const set = (brush_px: number) => editor.dispatch({ kind: "tool.options", options: { brush_px } });
  return (
    <Popover position="right" withArrow trapFocus>
      <Popover.Target>
        <Tooltip label="Brush size ([ and ])" position="right">
          <UnstyledButton className={classes.tool} aria-label={`Brush size, ${size} px`}>
            <span className="num" style={{ fontSize: 13, fontWeight: 600 }}>
              {size}
            </span>
            <span className={classes.letter} aria-hidden>
              [ ]
            </span>
          </UnstyledButton>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Group gap="sm" w={300} wrap="nowrap">
          <Slider
            flex={1}
            aria-label="Brush size"
            min={0}
            max={1}
            step={0.005}
            label={null}
            value={Math.log(size / SMALLEST) / Math.log(LARGEST / SMALLEST)}
            onChange={(share) => set(Math.round(SMALLEST * (LARGEST / SMALLEST) ** share))}
          />
          <NumberInput
            w={92}
            size="xs"
            aria-label="Brush size in pixels"
            suffix=" px"
            min={SMALLEST}
            max={LARGEST}
            value={size}
            onChange={(value) => typeof value === "number" && value >= SMALLEST && set(value)}
          />
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
