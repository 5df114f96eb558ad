import { Button, ColorInput, Group, NumberInput, Slider, Stack, Switch, Text } from "@mantine/core";
import type { ChannelView } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import { HistogramPlot } from "./histogram-plot";
import { spanOf } from "./grey-values";

/** Told apart by people with any colour vision, bright enough on black. */
const COLOURS = ["#ffffff", "#2fc4b4", "#e6a532", "#cc79a7", "#56b4e9", "#f0e442", "#d55e00", "#009e73"];

export function ChannelSettings({ view, channel }: { view: ChannelView; channel: number }) {
  const editor = useEditor();
  const pixelType = useEditorState((state) => state.document?.pixelType ?? "uint8");
  const histogram = editor.histogram(channel);
  const set = (change: Partial<ChannelView>) => editor.dispatch({ kind: "channel.set", channel, view: change });
  return (
    <Stack gap="xs">
      <HistogramPlot histogram={histogram} view={view} span={spanOf(pixelType, view, histogram)} onChange={set} />
      <Group grow gap="xs">
        <NumberInput size="xs" label="Black at" value={view.min} hideControls onChange={(min) => typeof min === "number" && min < view.max && set({ min })} />
        <NumberInput size="xs" label="Full at" value={view.max} hideControls onChange={(max) => typeof max === "number" && max > view.min && set({ max })} />
      </Group>
      <div>
        <Text size="xs" mb={4}>
          Gamma {view.gamma.toFixed(2)}
        </Text>
        <Slider size="xs" min={0.2} max={3} step={0.05} label={null} aria-label="Gamma" value={view.gamma} onChange={(gamma) => set({ gamma })} />
      </div>
      <ColorInput size="xs" label="Colour" format="hex" withPicker swatches={COLOURS} swatchesPerRow={8} value={view.color} onChange={(color) => /^#[0-9a-f]{6}$/i.test(color) && set({ color })} />
      <Group justify="space-between">
        <Switch size="xs" label="Invert" checked={view.invert} onChange={(event) => set({ invert: event.currentTarget.checked })} />
        <Group gap={4}>
          <Button size="compact-xs" variant="default" onClick={() => editor.dispatch({ kind: "channel.auto", channel })}>
            Auto
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => editor.dispatch({ kind: "channel.reset", channel })}>
            Reset
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
