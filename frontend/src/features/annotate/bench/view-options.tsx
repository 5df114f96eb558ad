import { ActionIcon, Button, Group, Popover, SegmentedControl, Slider, Stack, Switch, Text, Tooltip } from "@mantine/core";
import { IconFocusCentered, IconStack2 } from "@tabler/icons-react";
import type { ColourBy, OverlayView } from "@/editor";
import { PLAIN_TASTE } from "../taste/taste";
import { useEditor, useEditorState } from "../use-editor";

const COLOUR_BY: { value: ColourBy; label: string }[] = [
  { value: "cell", label: "Cell" },
  { value: "class", label: "Class" },
  { value: "quality", label: "Quality" },
];

/** How the labels lie over the picture. */
export function ViewOptions() {
  const editor = useEditor();
  return (
    <>
      <Tooltip label="Whole image in view">
        <ActionIcon variant="subtle" color="gray" aria-label="Fit the whole image" onClick={() => editor.dispatch({ kind: "camera.fit" })}>
          <IconFocusCentered size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Popover position="bottom-end" withArrow width={260} trapFocus>
        <Popover.Target>
          <Tooltip label="How labels are shown">
            <ActionIcon variant="subtle" color="gray" aria-label="Label display">
              <IconStack2 size={18} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          <OverlayForm />
        </Popover.Dropdown>
      </Popover>
    </>
  );
}

function OverlayForm() {
  const editor = useEditor();
  const overlay = useEditorState((state) => state.overlay);
  const set = (change: Partial<OverlayView>) => editor.dispatch({ kind: "overlay.set", overlay: change });
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Switch size="xs" label="Labels" checked={overlay.visible} onChange={(event) => set({ visible: event.currentTarget.checked })} />
        <Switch size="xs" label="Outlines" checked={overlay.outlines} onChange={(event) => set({ outlines: event.currentTarget.checked })} />
        <Switch size="xs" label="Grid" checked={overlay.grid} onChange={(event) => set({ grid: event.currentTarget.checked })} />
      </Group>
      <div>
        <Text size="xs" mb={4}>
          Fill {Math.round(overlay.fillOpacity * 100)} %
        </Text>
        <Slider size="xs" min={0} max={1} step={0.05} label={null} aria-label="Fill opacity" value={overlay.fillOpacity} onChange={(fillOpacity) => set({ fillOpacity })} />
      </div>
      <div>
        <Text size="xs" mb={4}>
          Colour by
        </Text>
        <SegmentedControl fullWidth size="xs" aria-label="Colour by" data={COLOUR_BY} value={overlay.colourBy} onChange={(colourBy) => set({ colourBy })} />
      </div>
      <Button size="compact-xs" variant="default" onClick={() => set({ visible: true, outlines: true, grid: true, colourBy: "cell", ...PLAIN_TASTE.overlay })}>
        As at first
      </Button>
    </Stack>
  );
}
