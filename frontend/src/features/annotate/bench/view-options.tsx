import { ActionIcon, Button, Group, Popover, SegmentedControl, Select, Slider, Stack, Switch, Text, Tooltip } from "@mantine/core";
import { IconFocusCentered, IconStack2 } from "@tabler/icons-react";
import { PALETTES, type CellNames, type ColourBy, type OverlayView, type PaletteName } from "@/editor";
import { PLAIN_TASTE } from "../taste/taste";
import { useEditor, useEditorState } from "../use-editor";
import classes from "./channels.module.css";

const COLOUR_BY: { value: ColourBy; label: string }[] = [
  { value: "cell", label: "Cell" },
  { value: "class", label: "Class" },
  { value: "track", label: "Track" },
  { value: "quality", label: "Quality" },
];

const NAMES: { value: CellNames; label: string }[] = [
  { value: "none", label: "None" },
  { value: "number", label: "Number" },
  { value: "class", label: "Class" },
];

const PALETTE_WORDS: Record<PaletteName, string> = {
  clear: "Clear, for dark pictures",
  strong: "Strong, for bright pictures",
  "blue-orange": "Blue and orange only",
  grey: "Grey",
};

const AS_AT_FIRST: Partial<OverlayView> = { visible: true, outlines: true, grid: true, colourBy: "cell", names: "none", palette: "clear", ...PLAIN_TASTE.overlay };

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
      <Popover position="bottom-end" withArrow width={300} trapFocus>
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
      <Group justify="space-between" gap={6} wrap="nowrap">
        <Switch size="xs" label="Labels" checked={overlay.visible} onChange={(event) => set({ visible: event.currentTarget.checked })} />
        <Switch size="xs" label="Outlines" checked={overlay.outlines} onChange={(event) => set({ outlines: event.currentTarget.checked })} />
        <Tooltip label="Pixel grid from zoom 16, grey values from zoom 28">
          <Switch size="xs" label="Grid" checked={overlay.grid} onChange={(event) => set({ grid: event.currentTarget.checked })} />
        </Tooltip>
      </Group>
      <div>
        <Text size="xs" mb={4}>
          Fill {Math.round(overlay.fillOpacity * 100)} %
        </Text>
        <Slider size="xs" min={0} max={1} step={0.05} label={null} thumbLabel="Fill opacity" value={overlay.fillOpacity} onChange={(fillOpacity) => set({ fillOpacity })} />
      </div>
      <Choice label="Colour by" data={COLOUR_BY} value={overlay.colourBy} onChange={(colourBy) => set({ colourBy })} />
      <Choice label="Written on cells" data={NAMES} value={overlay.names} onChange={(names) => set({ names })} />
      <PaletteChoice value={overlay.palette} onChange={(palette) => set({ palette })} />
      <Button size="compact-xs" variant="default" onClick={() => set(AS_AT_FIRST)}>
        As at first
      </Button>
    </Stack>
  );
}

function Choice<V extends string>({ label, data, value, onChange }: { label: string; data: { value: V; label: string }[]; value: V; onChange: (value: V) => void }) {
  return (
    <div>
      <Text size="xs" mb={4}>
        {label}
      </Text>
      <SegmentedControl fullWidth size="xs" aria-label={label} data={data} value={value} onChange={(chosen) => onChange(chosen)} />
    </div>
  );
}

function PaletteChoice({ value, onChange }: { value: PaletteName; onChange: (palette: PaletteName) => void }) {
  const data = Object.entries(PALETTE_WORDS).map(([palette, label]) => ({ value: palette, label }));
  return (
    <div>
      <Select size="xs" label="Colours of cells" description="Each can be told apart with any colour vision." data={data} value={value} allowDeselect={false} onChange={(palette) => palette && onChange(palette as PaletteName)} comboboxProps={{ withinPortal: false }} />
      <div className={classes.palette} aria-hidden>
        {PALETTES[value].map((colour) => (
          <span key={colour} style={{ background: colour }} />
        ))}
      </div>
    </div>
  );
}
