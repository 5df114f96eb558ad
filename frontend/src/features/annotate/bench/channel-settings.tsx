import { Button, ColorInput, Group, NumberInput, Stack, Switch, Text, UnstyledButton } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import type { ChannelView } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import classes from "./channels.module.css";
import { greyStep, spanOf } from "./grey-values";
import { HistogramPlot } from "./histogram-plot";
import { useHistogram } from "./use-histogram";

/** Told apart by people with any colour vision, bright enough on black. */
const COLOURS = ["#ffffff", "#2fc4b4", "#e6a532", "#cc79a7", "#56b4e9", "#f0e442", "#d55e00", "#009e73"];

const GAMMA_MIN = 0.1;
const GAMMA_MAX = 5;

export function ChannelSettings({ view, channel }: { view: ChannelView; channel: number }) {
  const editor = useEditor();
  const pixelType = useEditorState((state) => state.document?.pixelType ?? "uint8");
  const histogram = useHistogram(channel);
  const [logarithmic, setLogarithmic] = useLocalStorage({ key: "cytoloop.histogram.log", defaultValue: true });
  const set = (change: Partial<ChannelView>) => editor.dispatch({ kind: "channel.set", channel, view: change });
  const span = spanOf(pixelType, view, histogram);
  const onlyThis = () => editor.state().channels.forEach((_, c) => editor.dispatch({ kind: "channel.set", channel: c, view: { visible: c === channel } }));
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600} truncate>
          {view.name}
        </Text>
        <UnstyledButton className={classes.word} onClick={onlyThis}>
          Only this one
        </UnstyledButton>
      </Group>
      {histogram ? (
        <HistogramPlot histogram={histogram} view={view} span={span} step={greyStep(pixelType, span)} logarithmic={logarithmic} onChange={set} />
      ) : (
        <Text size="xs" c="dimmed">
          Switch the channel on to count its grey values.
        </Text>
      )}
      <Group grow gap="xs">
        <NumberInput size="xs" label="Black at" value={view.min} hideControls onChange={(min) => typeof min === "number" && min < view.max && set({ min })} />
        <NumberInput size="xs" label="Full at" value={view.max} hideControls onChange={(max) => typeof max === "number" && max > view.min && set({ max })} />
        <NumberInput
          size="xs"
          label="Gamma"
          value={Number(view.gamma.toFixed(2))}
          min={GAMMA_MIN}
          max={GAMMA_MAX}
          step={0.1}
          clampBehavior="strict"
          onChange={(gamma) => typeof gamma === "number" && gamma >= GAMMA_MIN && set({ gamma })}
        />
      </Group>
      <ColorInput
        size="xs"
        label="Colour"
        format="hex"
        withPicker
        swatches={COLOURS}
        swatchesPerRow={8}
        value={view.color}
        onChange={(color) => /^#[0-9a-f]{6}$/i.test(color) && set({ color })}
      />
      <Group justify="space-between">
        <Switch size="xs" label="Invert" checked={view.invert} onChange={(event) => set({ invert: event.currentTarget.checked })} />
        <Switch size="xs" label="Log counts" checked={logarithmic} onChange={(event) => setLogarithmic(event.currentTarget.checked)} />
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
