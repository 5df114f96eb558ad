import { ActionIcon, NumberInput, Slider, Text, Tooltip } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconPlayerSkipBack, IconPlayerSkipForward } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useEditor, useEditorState } from "../use-editor";
import { useBench, useTaste } from "./bench-context";
import classes from "./bench.module.css";
import { useLetters } from "./key-names";
import { ScopeChoice } from "./scope-choice";

/** Time and depth below the picture; an axis with one plane has no slider. */
export function FrameSliders() {
  const { image } = useBench();
  return (
    <>
      {image.size_t > 1 && <AxisSlider axis="t" size={image.size_t} name="Frame" seconds={image.frame_interval_s} scope />}
      {image.size_z > 1 && <AxisSlider axis="z" size={image.size_z} name="Plane" seconds={null} scope={image.size_t === 1} />}
    </>
  );
}

interface AxisSliderProps {
  axis: "t" | "z";
  size: number;
  name: string;
  /** Between two frames, when known. */
  seconds: number | null;
  /** The choice of frames that are changed stands at its end. */
  scope: boolean;
}

function AxisSlider({ axis, size, name, seconds, scope }: AxisSliderProps) {
  const editor = useEditor();
  const value = useEditorState((state) => state[axis]);
  const go = (to: number) => editor.dispatch({ kind: "frame.go", [axis]: Math.min(size - 1, Math.max(0, to)) });
  const letterOf = useLetters();
  const [back, forth] = axis === "t" ? ["frame.previous", "frame.next"] : ["plane.previous", "plane.next"];
  return (
    <div className={classes.frames} role="group" aria-label={name}>
      {axis === "t" && <Play size={size} value={value} />}
      <Step label={`Previous ${name.toLowerCase()}`} letter={letterOf(back ?? "")} icon="back" onClick={() => go(value - 1)} />
      <Step label={`Next ${name.toLowerCase()}`} letter={letterOf(forth ?? "")} icon="forth" onClick={() => go(value + 1)} />
      <Slider data-slider flex={1} size="xs" thumbLabel={name} min={0} max={size - 1} label={(at) => at} value={value} onChange={go} />
      <NumberInput
        size="xs"
        w={58}
        hideControls
        className="num"
        aria-label={`${name}, 0 to ${size - 1}`}
        leftSection={axis}
        leftSectionWidth={18}
        min={0}
        max={size - 1}
        value={value}
        onChange={(to) => typeof to === "number" && go(Math.round(to))}
      />
      <Text size="xs" c="dimmed" className="num" miw="5ch">
        / {size - 1}
      </Text>
      {seconds !== null && (
        <Text size="xs" c="dimmed" className="num" miw="8ch">
          {formatClock(value * seconds)}
        </Text>
      )}
      {scope && <ScopeChoice />}
    </div>
  );
}

function Step({ label, letter, icon, onClick }: { label: string; letter: string | undefined; icon: "back" | "forth"; onClick: () => void }) {
  const Icon = icon === "back" ? IconPlayerSkipBack : IconPlayerSkipForward;
  return (
    <Tooltip label={letter ? `${label} (${letter})` : label}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={onClick}>
        <Icon size={15} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Plays the movie round and round; a frame that has not arrived yet is waited for rather than skipped. */
function Play({ size, value }: { size: number; value: number }) {
  const editor = useEditor();
  const [{ framesPerSecond }] = useTaste();
  const [playing, setPlaying] = useState(false);
  const here = useEditorState((state) => state.loading.fraction === 1);
  useEffect(() => {
    if (!playing || !here) return;
    const timer = setTimeout(() => editor.dispatch({ kind: "frame.go", t: (value + 1) % size }), 1000 / framesPerSecond);
    return () => clearTimeout(timer);
  }, [playing, here, value, size, framesPerSecond, editor]);
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={playing ? "Pause" : "Play"} onClick={() => setPlaying(!playing)}>
      {playing ? <IconPlayerPause size={16} stroke={1.6} /> : <IconPlayerPlay size={16} stroke={1.6} />}
    </ActionIcon>
  );
}

/** Hours, minutes, seconds since the first frame. */
function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  const part = (value: number) => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${part(Math.floor(whole / 60) % 60)}:${part(whole % 60)}`;
}
