import { ActionIcon, Group, Menu, Popover, RangeSlider, Tooltip, UnstyledButton } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconPalette, IconWand } from "@tabler/icons-react";
import type { ChannelView } from "@/editor";
import { PanesMenu } from "../panes/panes-menu";
import { useEditor, useEditorState } from "../use-editor";
import { ChannelList } from "./channel-list";
import { coloured, presetsFor } from "./channel-presets";
import { ChannelSettings } from "./channel-settings";
import classes from "./channels.module.css";
import bench from "./bench.module.css";
import { formatGrey, greyStep, spanOf } from "./grey-values";
import { useHistogram } from "./use-histogram";
import { ViewOptions } from "./view-options";

/** More channels than this stand in a list of their own; the strip then holds those that are shown. */
const MOST_IN_STRIP = 8;

/** One entry a channel: on or off with its digit, contrast by hand or by itself, the rest behind a button. */
export function ChannelsStrip() {
  const channels = useEditorState((state) => state.channels);
  const many = channels.length > MOST_IN_STRIP;
  return (
    <div className={bench.strip} role="toolbar" aria-label="Channels">
      {many && <ChannelList channels={channels} />}
      {channels.map((view, channel) => (!many || view.visible) && <Channel key={channel} view={view} channel={channel} />)}
      <Group gap={4} ml="auto" wrap="nowrap">
        <AutoContrast />
        <Presets />
        <ViewOptions />
        <PanesMenu />
      </Group>
    </div>
  );
}

interface ChannelProps {
  view: ChannelView;
  channel: number;
}

function Channel({ view, channel }: ChannelProps) {
  return (
    <div className={classes.channel} data-off={view.visible ? undefined : true} role="group" aria-label={`Channel ${view.name}`}>
      <ChannelSwitch view={view} channel={channel} />
      <ContrastRange view={view} channel={channel} />
      <Popover position="bottom-start" withArrow width={320} trapFocus>
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Settings of channel ${view.name}`}>
            <IconAdjustmentsHorizontal size={16} stroke={1.6} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <ChannelSettings view={view} channel={channel} />
        </Popover.Dropdown>
      </Popover>
    </div>
  );
}

function ChannelSwitch({ view, channel }: ChannelProps) {
  const editor = useEditor();
  const key = channel < 9 ? String(channel + 1) : undefined;
  return (
    <Tooltip label={`${view.visible ? "Hide" : "Show"} ${view.name}${key ? ` (${key})` : ""}`}>
      <UnstyledButton
        className={classes.channelName}
        aria-pressed={view.visible}
        aria-keyshortcuts={key}
        aria-label={`Show channel ${view.name}`}
        style={{ "--dot": view.color }}
        onClick={() => editor.dispatch({ kind: "channel.set", channel, view: { visible: !view.visible } })}
      >
        <span className={classes.dot} aria-hidden />
        <span className={classes.rowWords}>{view.name}</span>
        {key && <span className={classes.digit} data-digit={key} aria-hidden />}
      </UnstyledButton>
    </Tooltip>
  );
}

/** A channel's colour on the bench: white lines on a light page would not be seen. */
const seen = (color: string): string => `light-dark(color-mix(in srgb, ${color} 60%, #1a1b1e), ${color})`;

function ContrastRange({ view, channel }: ChannelProps) {
  const editor = useEditor();
  const pixelType = useEditorState((state) => state.document?.pixelType ?? "uint8");
  const [low, high] = spanOf(pixelType, view, useHistogram(channel));
  const step = greyStep(pixelType, [low, high]);
  return (
    <RangeSlider
      className={classes.range}
      w={104}
      size={3}
      thumbSize={11}
      min={low}
      max={high}
      step={step}
      minRange={step}
      label={formatGrey}
      styles={{ bar: { backgroundColor: seen(view.color) }, thumb: { borderColor: seen(view.color), borderWidth: 2 } }}
      thumbFromLabel={`${view.name}: shown as black`}
      thumbToLabel={`${view.name}: shown as full colour`}
      value={[view.min, view.max]}
      onChange={([min, max]) => editor.dispatch({ kind: "channel.set", channel, view: { min, max } })}
    />
  );
}

function AutoContrast() {
  const editor = useEditor();
  return (
    <Tooltip label="Automatic contrast of all channels (0.1 to 99.9 %)">
      <ActionIcon variant="subtle" color="gray" aria-label="Automatic contrast" onClick={() => editor.dispatch({ kind: "channel.auto" })}>
        <IconWand size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Colours for all visible channels at once. */
function Presets() {
  const editor = useEditor();
  const channels = useEditorState((state) => state.channels);
  const presets = presetsFor(channels.filter((view) => view.visible).length);
  return (
    <Menu position="bottom-end" withArrow>
      <Menu.Target>
        <Tooltip label="Colours of the channels">
          <ActionIcon variant="subtle" color="gray" aria-label="Colours of the channels">
            <IconPalette size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Colours of the visible channels</Menu.Label>
        {presets.map((preset) => (
          <Menu.Item
            key={preset.name}
            leftSection={preset.colours.slice(0, 4).map((colour, i) => <span key={i} className={classes.swatch} style={{ "--dot": colour }} aria-hidden />)}
            onClick={() => coloured(channels, preset).forEach(([channel, color]) => editor.dispatch({ kind: "channel.set", channel, view: { color } }))}
          >
            {preset.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => editor.dispatch({ kind: "channel.reset" })}>As in the file</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
