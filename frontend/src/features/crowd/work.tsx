import { ActionIcon, Button, Loader, Modal, Progress, Stack, Text } from "@mantine/core";
import { useInterval } from "@mantine/hooks";
import { IconHelp, IconPlayerPause } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import { formatDuration, plural } from "@/lib/format";
import { FeedbackView } from "@/microtasks/feedback-view";
import { HowTo } from "@/microtasks/how-to";
import { QuestionView } from "@/microtasks/question-view";
import type { Me, OpenCampaign } from "./doors";
import { ForgetMe } from "./ended";
import type { CrowdSession, SessionState } from "./session";
import classes from "./crowd.module.css";

/** The items, one after another, below a narrow bar. */
export function Work({ session, state, campaign }: { session: CrowdSession; state: SessionState; campaign: OpenCampaign }) {
  const [paused, setPaused] = useState(false);
  const [helped, setHelped] = useState(false);
  const { phase, me } = state;
  const kind = "item" in phase ? phase.item.kind : undefined;
  useEffect(() => session.looked(!paused && !helped), [session, paused, helped]);
  return (
    <main className={classes.page}>
      <header className={classes.bar}>
        <h1 className={classes.name} style={{ margin: 0 }}>
          {campaign.title}
        </h1>
        {kind && (
          <ActionIcon variant="subtle" size={44} aria-label="How it goes" onClick={() => setHelped(true)}>
            <IconHelp size={22} />
          </ActionIcon>
        )}
        <ActionIcon variant="subtle" size={44} aria-label="Pause" onClick={() => setPaused(true)}>
          <IconPlayerPause size={22} />
        </ActionIcon>
      </header>
      {me && <HowFar me={me} campaign={campaign} unsent={state.unsent} />}
      <Trouble state={state} onRetry={() => session.retry()} />
      <div className={classes.body}>
        <Phases session={session} state={state} campaign={campaign} />
      </div>
      <Modal opened={helped} onClose={() => setHelped(false)} fullScreen title="How it goes" closeButtonProps={{ "aria-label": "Close", size: 44 }}>
        {kind && <HowTo kind={kind} instruction={campaign.instruction} />}
      </Modal>
      <Modal opened={paused} onClose={() => setPaused(false)} fullScreen title="Paused" closeButtonProps={{ "aria-label": "Close", size: 44 }}>
        <Stack gap="md" align="center" pt="xl">
          <Text ta="center">
            You can close this page and come back with the same link: this device remembers where you were.
            {state.unsent > 0 && ` ${plural(state.unsent, "answer")} still ${state.unsent === 1 ? "waits" : "wait"} to be sent; they are kept here until then.`}
          </Text>
          <Button size="lg" mih={52} fullWidth onClick={() => setPaused(false)} data-autofocus>
            Go on
          </Button>
          <ForgetMe session={session} />
        </Stack>
      </Modal>
    </main>
  );
}

function Phases({ session, state, campaign }: { session: CrowdSession; state: SessionState; campaign: OpenCampaign }): ReactNode {
  const { phase } = state;
  switch (phase.name) {
    case "how-to":
      return (
        <div style={{ height: "100%", overflowY: "auto", display: "flex", flexDirection: "column" }}>
          <HowTo kind={phase.item.kind} instruction={campaign.instruction} />
          <div className={classes.foot}>
            <Button size="lg" mih={52} fullWidth onClick={() => session.understood()}>
              {phase.item.is_training ? "Try it" : "Begin"}
            </Button>
          </div>
        </div>
      );
    case "item":
      return <QuestionView key={phase.item.id} question={phase.item} disabled={phase.sent} onAnswer={(value) => session.answer(value)} />;
    case "feedback":
      return <FeedbackView key={phase.item.id} question={phase.item} value={phase.value} feedback={phase.feedback} onGoOn={() => session.goOn()} />;
    default:
      return (
        <div className={classes.centre} style={{ height: "100%" }} role="status">
          <Loader />
          <Text size="sm">{state.unsent > 0 ? "Sending your answers…" : "The next picture is coming…"}</Text>
        </div>
      );
  }
}

/** Practice first, then how many answers; a bar where an end is known. */
function HowFar({ me, campaign, unsent }: { me: Me; campaign: OpenCampaign; unsent: number }) {
  const inTraining = me.training_left > 0;
  const goal = inTraining ? campaign.training_count : campaign.items_per_worker;
  const done = inTraining ? campaign.training_count - me.training_left : me.answered;
  const words = inTraining ? `Practice ${Math.min(done + 1, campaign.training_count)} of ${campaign.training_count}` : `${plural(me.answered, "answer")}${goal ? ` of ${goal}` : ""}`;
  return (
    <div className={classes.progress}>
      <Text size="xs" c="dimmed" className="num" role="status">
        {words}
        {unsent > 1 && `, ${unsent} waiting to be sent`}
      </Text>
      {goal !== null && goal > 0 && <Progress size={5} value={Math.min(100, (100 * done) / goal)} aria-label={words} />}
    </div>
  );
}

function Trouble({ state: { trouble, unsent, notice }, onRetry }: { state: SessionState; onRetry: () => void }) {
  const left_s = useSecondsUntil(trouble?.until ?? null);
  if (!trouble && !notice) return null;
  if (!trouble) {
    return (
      <div className={classes.trouble} role="status">
        {notice}
      </div>
    );
  }
  const kept = unsent > 0 ? ` ${plural(unsent, "answer")} kept on this device.` : "";
  return (
    <div className={classes.trouble} role="status">
      {trouble.kind === "offline" ? `No connection.${kept} Trying again` : `Many people at once.${kept} Going on`} in {formatDuration(left_s)}.{" "}
      <Button size="compact-md" mih={44} variant="subtle" color="wait" onClick={onRetry}>
        Try now
      </Button>
    </div>
  );
}

function useSecondsUntil(until: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true });
  return until === null ? 0 : Math.max(1, Math.ceil((until - now) / 1000));
}
