import { ActionIcon, Group, Popover, RangeSlider, Tooltip, UnstyledButton } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconWand } from "@tabler/icons-react";
import type { ChannelView } from "@/editor";
import { useEditor, useEditorState } from "../use-editor";
import { ChannelSettings } from "./channel-settings";
import { formatGrey, spanOf } from "./grey-values";
import { ViewOptions } from "./view-options";
import classes from "./bench.module.css";

/** One entry a channel: on or off with its digit, contrast by hand or by itself, the rest behind a button. */
export function ChannelsStrip() {
  const channels = useEditorState((state) => state.channels);
  return (
    <div className={classes.strip} role="toolbar" aria-label="Channels">
      {channels.map((view, channel) => (
        <Channel key={channel} view={view} channel={channel} />
      ))}
      <Group gap={4} ml="auto">
        <AutoContrast />
        <ViewOptions />
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
      <Popover position="bottom-start" withArrow width={300} trapFocus>
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
  return (
    <Tooltip label={`${view.visible ? "Hide" : "Show"} ${view.name} (${channel + 1})`}>
      <UnstyledButton
        className={classes.channelName}
        aria-pressed={view.visible}
        aria-keyshortcuts={channel < 9 ? String(channel + 1) : undefined}
        aria-label={`Show channel ${view.name}`}
        style={{ "--dot": view.color }}
        onClick={() => editor.dispatch({ kind: "channel.set", channel, view: { visible: !view.visible } })}
      >
        <span className={classes.dot} aria-hidden />
        <span style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }}>{view.name}</span>
        {channel < 9 && (
          <span className={classes.digit} aria-hidden>
            {channel + 1}
          </span>
        )}
      </UnstyledButton>
    </Tooltip>
  );
}

function ContrastRange({ view, channel }: ChannelProps) {
  const editor = useEditor();
  const pixelType = useEditorState((state) => state.document?.pixelType ?? "uint8");
  const [low, high] = spanOf(pixelType, view, editor.histogram(channel));
  const step = pixelType === "float32" ? (high - low) / 500 : 1;
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
      styles={{ bar: { backgroundColor: view.color }, thumb: { borderColor: view.color, borderWidth: 2 } }}
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
