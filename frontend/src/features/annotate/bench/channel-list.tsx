import { Button, Group, Popover, ScrollArea, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import type { ChannelView } from "@/editor";
import { useEditor } from "../use-editor";
import { found } from "./channel-presets";
import classes from "./channels.module.css";

/** The graphics card composes no more at once. */
export const MOST_SHOWN = 8;
const ROW_PX = 30;

/** All channels of an image that has many: searched by name, switched on and off. */
export function ChannelList({ channels }: { channels: readonly ChannelView[] }) {
  const shown = channels.filter((view) => view.visible).length;
  return (
    <Popover position="bottom-start" withArrow width={300} trapFocus>
      <Popover.Target>
        <Button size="compact-sm" variant="default" rightSection={<IconChevronDown size={14} />} aria-label={`All channels, ${shown} of ${channels.length} shown`}>
          <span className="num">
            {shown} / {channels.length}
          </span>
          &nbsp;channels
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <SearchedList channels={channels} shown={shown} />
      </Popover.Dropdown>
    </Popover>
  );
}

function SearchedList({ channels, shown }: { channels: readonly ChannelView[]; shown: number }) {
  const [search, setSearch] = useState("");
  const rows = found(channels, search);
  return (
    <Stack gap={6}>
      <TextInput size="xs" leftSection={<IconSearch size={14} />} placeholder="Find a channel" aria-label="Find a channel" value={search} onChange={(event) => setSearch(event.currentTarget.value)} data-autofocus />
      <Rows channels={channels} rows={rows} full={shown >= MOST_SHOWN} />
      <Text size="xs" c="dimmed">
        {rows.length === 0 ? "No channel has this name." : shown >= MOST_SHOWN ? `${MOST_SHOWN} channels are shown at once: switch one off to see another.` : "Keys 1 to 9 switch the first nine."}
      </Text>
    </Stack>
  );
}

function Rows({ channels, rows, full }: { channels: readonly ChannelView[]; rows: readonly number[]; full: boolean }) {
  const viewport = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => viewport.current, estimateSize: () => ROW_PX, overscan: 6 });
  return (
    <ScrollArea.Autosize mah={330} viewportRef={viewport} type="auto">
      <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="list" aria-label="Channels found">
        {virtual.getVirtualItems().map(({ index, start }) => {
          const channel = rows[index] ?? 0;
          const view = channels[channel];
          return view && <Row key={channel} view={view} channel={channel} top={start} full={full} />;
        })}
      </div>
    </ScrollArea.Autosize>
  );
}

function Row({ view, channel, top, full }: { view: ChannelView; channel: number; top: number; full: boolean }) {
  const editor = useEditor();
  const only = () => editor.state().channels.forEach((_, c) => editor.dispatch({ kind: "channel.set", channel: c, view: { visible: c === channel } }));
  return (
    <Group role="listitem" className={classes.row} style={{ top }} gap={2} wrap="nowrap">
      <UnstyledButton
        className={classes.rowName}
        aria-pressed={view.visible}
        aria-label={`Show channel ${view.name}`}
        disabled={full && !view.visible}
        style={{ "--dot": view.color }}
        onClick={() => editor.dispatch({ kind: "channel.set", channel, view: { visible: !view.visible } })}
      >
        <span className={classes.dot} aria-hidden />
        <span className={classes.rowWords}>{view.name}</span>
        <span className={classes.digit} aria-hidden>
          {channel + 1}
        </span>
      </UnstyledButton>
      <UnstyledButton className={classes.word} aria-label={`Show only ${view.name}`} onClick={only}>
        only
      </UnstyledButton>
    </Group>
  );
}
