import { ActionIcon, Menu, NativeSelect, NumberInput } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Editor } from "@/editor";
import type { BenchDocument } from "../bench/use-document";
import { useBench } from "../bench/bench-context";
import { openDocument } from "../document/open-document";
import { branchesQuery } from "../queries";
import { useEditor, useEditorCanvas, useEditorState } from "../use-editor";
import type { PaneLink } from "./pane-link";
import { PaneHead } from "./pane-head";
import type { LinkedPane } from "./panes-place";
import classes from "./panes.module.css";

interface LinkedPaneViewProps {
  pane: LinkedPane;
  number: number;
  parts: BenchDocument;
  link: PaneLink;
  onChange: (pane: LinkedPane) => void;
  onClose: () => void;
  onError: (error: unknown) => void;
}

/** A second look at the same image: other channels, another frame, raw or another branch's labels; it is only looked at. */
export function LinkedPaneView({ pane, number, parts, link, onChange, onClose, onError }: LinkedPaneViewProps) {
  const picture = useEditor();
  const [canvas, editor] = useEditorCanvas(() => ({ keymap: [], onError, background: "#000000", pixelMemoryMb: 64 }));
  const branches = useQuery(branchesQuery(parts.image.id)).data ?? [];
  const [wanted, at] = pane.labels.split("@");
  const branch = branches.find((one) => one.id === wanted);
  const revision = at === undefined ? undefined : Number(at);
  const here = useEditorState((state) => state.document !== null);
  const { channels, dt, dz, labels } = pane;
  const shownChannels = channels?.join(".") ?? null;
  useLoad(editor, picture, here, parts, branch, revision);
  useEffect(() => {
    if (!editor || !here) return;
    const own = branch === undefined || branch.id === parts.branch.id;
    return link.join(editor, { channels: shownChannels === null ? null : shownChannels.split(".").filter(Boolean).map(Number), dt, dz, labels: labels !== "none", sameCells: own });
  }, [editor, here, link, shownChannels, dt, dz, labels, branch, parts.branch.id]);
  const names = [{ value: "none", label: "raw" }, { value: "same", label: "same labels" }, ...branches.filter((one) => one.id !== parts.branch.id).map(({ id, name }) => ({ value: id, label: name })), ...(branch && at !== undefined ? [{ value: pane.labels, label: `${branch.name}, revision ${at}` }] : [])];
  return (
    <section className={classes.pane} aria-label={`Linked pane ${number}`}>
      <canvas ref={canvas} className={classes.canvas} data-pane="linked" role="img" aria-label={`Linked pane ${number} of ${parts.image.name}`} tabIndex={-1} />
      <PaneHead title={String(number + 1)} onClose={onClose}>
        <NativeSelect size="xs" variant="unstyled" aria-label={`Labels in pane ${number}`} data={names} value={labels} onChange={(event) => onChange({ ...pane, labels: event.currentTarget.value })} />
        <ChannelChoice pane={pane} number={number} onChange={onChange} />
        <Shift axis="t" size={parts.image.size_t} value={dt} number={number} onChange={(value) => onChange({ ...pane, dt: value })} />
        <Shift axis="z" size={parts.image.size_z} value={dz} number={number} onChange={(value) => onChange({ ...pane, dz: value })} />
      </PaneHead>
    </section>
  );
}

/** The same providers, read-only; labels of the same branch as they are in the picture, unsent edits included. */
function useLoad(editor: Editor | null, picture: Editor, here: boolean, parts: BenchDocument, branch: BenchDocument["branch"] | undefined, number: number | undefined): void {
  const { image, revision, pixels, classes: labelClasses } = parts;
  const other = branch !== undefined && (number !== undefined || branch.id !== parts.branch.id) ? branch : null;
  const from = other ?? parts.branch;
  useEffect(() => {
    if (!editor || !here) return;
    const { t, z, camera } = picture.state();
    const document = openDocument({ image, branch: from, revision: other ? number : revision, pixels, classes: labelClasses, readOnly: true, place: { t, z, camera } });
    const { labels } = document;
    editor.load(other ? document : { ...document, labels: { ...labels, readFrame: async (request, signal) => picture.labelsAt(request.t, request.z) ?? labels.readFrame(request, signal) } });
    return other ? undefined : mirror(picture, editor);
    // A branch is another object after every edit; its labels come through the picture.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [editor, picture, here, image.id, from.id, number, revision, pixels, labelClasses]);
}

/** What is drawn in the picture appears in the pane. */
function mirror(picture: Editor, pane: Editor): () => void {
  let seen = picture.state().labelsVersion;
  const leaveCommits = picture.onCommit((edit) => {
    seen = picture.state().labelsVersion;
    pane.applyRemote({ kind: "edit", edit });
  });
  const leaveState = picture.subscribe(() => {
    const { labelsVersion } = picture.state();
    if (labelsVersion === seen) return;
    seen = labelsVersion;
    const { t, z } = pane.state();
    const frame = picture.labelsAt(t, z);
    if (frame) pane.applyRemote({ kind: "frame", t, z, frame, complete: true, pending: [] });
  });
  return () => {
    leaveCommits();
    leaveState();
  };
}

interface ChoiceProps {
  pane: LinkedPane;
  number: number;
  onChange: (pane: LinkedPane) => void;
}

function ChannelChoice({ pane, number, onChange }: ChoiceProps) {
  const { image } = useBench();
  if (image.channel_names.length < 2) return null;
  const toggle = (channel: number) => {
    const shown = pane.channels ?? [];
    onChange({ ...pane, channels: shown.includes(channel) ? shown.filter((one) => one !== channel) : [...shown, channel].sort((a, b) => a - b) });
  };
  return (
    <Menu closeOnItemClick={false} position="bottom-start" withArrow>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="xs" aria-label={`Channels in pane ${number}`}>
          <IconAdjustmentsHorizontal size={13} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
        <Menu.Item leftSection={<Tick on={pane.channels === null} />} onClick={() => onChange({ ...pane, channels: null })}>
          As in the picture
        </Menu.Item>
        <Menu.Divider />
        {image.channel_names.map((name, channel) => (
          <Menu.Item key={channel} leftSection={<Tick on={pane.channels?.includes(channel) ?? false} />} onClick={() => toggle(channel)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const Tick = ({ on }: { on: boolean }) => (on ? <IconCheck size={13} aria-label="chosen" /> : <span style={{ width: 13, display: "inline-block" }} />);

function Shift({ axis, size, value, number, onChange }: { axis: "t" | "z"; size: number; value: number; number: number; onChange: (value: number) => void }) {
  if (size < 2) return null;
  return (
    <NumberInput
      className={classes.shift}
      size="xs"
      variant="unstyled"
      w={64}
      prefix={value >= 0 ? `${axis} +` : `${axis} `}
      min={1 - size}
      max={size - 1}
      value={value}
      aria-label={`${axis === "t" ? "Frames" : "Planes"} ahead in pane ${number}`}
      onChange={(next) => typeof next === "number" && onChange(next)}
    />
  );
}
