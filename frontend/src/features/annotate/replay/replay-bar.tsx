import { ActionIcon, Button, SegmentedControl, Slider, Switch } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { formatAgo } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { useQueryValue, useSetQuery } from "@/ui/use-address";
import { useBench } from "../bench/bench-context";
import { useEditor } from "../use-editor";
import { Player, SPEEDS, type Step } from "./player";
import { readSteps } from "./read-steps";
import classes from "./replay.module.css";

/** Over the picture while the address asks for a replay: the labels of one revision, and the edits up to another one after the other. */
export function ReplayBar() {
  const [to] = useQueryValue("replay");
  const { revision } = useBench();
  if (to === undefined || !/^\d+$/.test(to) || revision === undefined) return null;
  return <Replay key={`${revision}-${to}`} from={revision} to={Number(to)} />;
}

function Replay({ from, to }: { from: number; to: number }) {
  const { branch } = useBench();
  const steps = useQuery({ queryKey: ["annotate", "replay", branch.id, from, to], queryFn: () => readSteps(branch.id, from, to), staleTime: Infinity, gcTime: 0 });
  return (
    <div className={classes.bar} role="region" aria-label="Replay">
      {steps.isPending && <span>Reading the edits …</span>}
      <ErrorNotice error={steps.error} />
      {steps.data && <Controls steps={steps.data} />}
      <Leave />
    </div>
  );
}

function Leave() {
  const setQuery = useSetQuery();
  return (
    <Button size="compact-sm" variant="default" onClick={() => setQuery({ replay: undefined, revision: undefined })}>
      Back to the newest
    </Button>
  );
}

function Controls({ steps }: { steps: readonly Step[] }) {
  const [follow, setFollow] = useState(true);
  const player = usePlayer(steps, follow);
  const state = useSyncExternalStore(player.subscribe, player.state);
  const toggle = () => (state.playing ? player.pause() : void player.play());
  return (
    <>
      <ActionIcon variant="filled" aria-label={state.playing ? "Pause" : "Play"} onClick={toggle} disabled={steps.length === 0}>
        {state.playing ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
      </ActionIcon>
      <Slider className={classes.slider} size="sm" min={0} max={Math.max(1, steps.length)} value={state.position} label={null} onChange={(value) => void player.seek(value)} thumbLabel="Edit" disabled={steps.length === 0} />
      <span className={classes.caption} role="status" aria-live="off">
        {captionOf(steps, state.position)}
      </span>
      <SegmentedControl size="xs" aria-label="Edits a second" data={SPEEDS.map((speed) => ({ value: String(speed), label: `${speed}/s` }))} value={String(state.perSecond)} onChange={(value) => player.setSpeed(Number(value))} />
      <Switch size="xs" label="Follow" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />
    </>
  );
}

export function captionOf(steps: readonly Step[], position: number): string {
  const step = steps[position - 1];
  if (steps.length === 0) return "No edits in this stretch";
  if (!step) return `0 of ${steps.length}`;
  return `${position} of ${steps.length} · ${step.author} · ${step.edit.tool} · ${formatAgo(step.at, Date.now())}`;
}

function usePlayer(steps: readonly Step[], follow: boolean): Player {
  const editor = useEditor();
  const follows = useRef(follow);
  useEffect(() => {
    follows.current = follow;
  }, [follow]);
  const goAlong = useCallback(
    ({ pixels }: Step["edit"]) => {
      const [place] = pixels;
      const { t, z } = editor.state();
      if (follows.current && place && !pixels.some((p) => p.t === t && p.z === z)) editor.dispatch({ kind: "frame.go", t: place.t, z: place.z });
    },
    [editor],
  );
  // The player calls it when it steps, never while the page is drawn.
  // eslint-disable-next-line react-hooks/refs
  const player = useMemo(() => new Player(steps, (edit) => void editor.applyRemote({ kind: "edit", edit }), goAlong), [editor, steps, goAlong]);
  useEffect(() => {
    void editor.settled().then(() => player.play());
    return () => player.stop();
  }, [editor, player]);
  return player;
}
