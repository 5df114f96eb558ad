import { Button, Loader, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useParam } from "@/ui/use-address";
import { Mark } from "@/ui/mark";
import { plural } from "@/lib/format";
import { ConsentView } from "@/microtasks/consent-view";
import { Ended } from "./ended";
import { platformWorkerIn } from "./platform";
import { useSession } from "./use-session";
import type { OpenCampaign } from "./doors";
import { endWords, failureWords } from "./words";
import { Work } from "./work";
import classes from "./crowd.module.css";

/** A campaign's page for everybody who has its link: no account, made for a phone. */
export function CrowdPage() {
  const token = useParam("token");
  return <Campaign key={token} token={token} />;
}

function Campaign({ token }: { token: string }) {
  const [session, state] = useSession(token);
  const { phase, campaign, me } = state;
  useDocumentTitle(campaign ? campaign.title : "Cytoloop");
  if (phase.name === "failed") return <Failed error={phase.error} onRetry={() => session.retry()} />;
  if (!campaign || phase.name === "opening") {
    return (
      <Plain>
        <Loader />
      </Plain>
    );
  }
  if (phase.name === "consent" && !campaign.is_open) return <Shut campaign={campaign} />;
  if (phase.name === "consent") {
    return (
      <main className={`${classes.page} ${classes.reading}`}>
        <ConsentView {...campaign} busy={state.joining} error={state.joinError} onAgree={() => void session.agree(platformWorkerIn(location.search))} />
      </main>
    );
  }
  if (phase.name === "ended") return <Ended end={phase.end} me={me} session={session} leaderboard={campaign.leaderboard} />;
  if (phase.name === "forgotten") {
    return (
      <Plain>
        <Mark size={48} />
        <Title order={1} size="h2">
          Forgotten
        </Title>
        <Text>Your answers and the key on this device are deleted.</Text>
      </Plain>
    );
  }
  if (phase.name === "welcome") {
    return (
      <Plain>
        <Mark size={48} />
        <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
          {campaign.title}
        </Title>
        <Text>
          Welcome back{me && me.answered > 0 ? `: ${plural(me.answered, "answer")} so far` : ""}.{state.unsent > 0 && ` ${plural(state.unsent, "answer")} kept on this device ${state.unsent === 1 ? "is" : "are"} being sent.`}
        </Text>
        <Button size="lg" mih={52} w="100%" maw="22rem" onClick={() => session.resume()}>
          Go on
        </Button>
      </Plain>
    );
  }
  return <Work session={session} state={state} campaign={campaign} />;
}

/** Nobody can join now. */
function Shut({ campaign: { title, state } }: { campaign: OpenCampaign }) {
  const said = endWords({ reason: state === "PAUSED" ? "PAUSED" : "CLOSED" });
  return (
    <Plain>
      <Mark size={48} />
      <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
        {title}
      </Title>
      <Text role="alert">{state === "DRAFT" ? "This campaign has not begun yet. Come back later with the same link." : said.sentence}</Text>
    </Plain>
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { title, sentence, again } = failureWords(error);
  return (
    <Plain>
      <Mark size={48} />
      <Title order={1} size="h2">
        {title}
      </Title>
      <Text role="alert">{sentence}</Text>
      {again && (
        <Button size="lg" mih={52} onClick={onRetry}>
          Try again
        </Button>
      )}
    </Plain>
  );
}

function Plain({ children }: { children: React.ReactNode }) {
  return (
    <main className={`${classes.page} ${classes.reading}`}>
      <div className={classes.centre}>{children}</div>
    </main>
  );
}
