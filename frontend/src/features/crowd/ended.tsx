import { Anchor, Button, CopyButton, Stack, Text, Title } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { plural } from "@/lib/format";
import { Mark } from "@/ui/mark";
import type { End, Me } from "./doors";
import { Leaders } from "./leaders";
import type { CrowdSession } from "./session";
import { endWords } from "./words";
import classes from "./crowd.module.css";

/** The end: thanks, the completion code to take along, the way back to the platform. */
export function Ended({ end, me, session, leaderboard }: { end: End; me: Me | null; session: CrowdSession; leaderboard: boolean }) {
  const { title, sentence, again } = endWords(end, me?.reason);
  const redirect = safeRedirect(end.redirect);
  return (
    <main className={`${classes.page} ${classes.reading}`}>
      <div className={classes.centre}>
        <Mark size={48} />
        <Title order={1} size="h2">
          {title}
        </Title>
        <Text maw="30rem">{sentence}</Text>
        {me && me.answered > 0 && (
          <Text size="sm" c="dimmed">
            {plural(me.answered, "answer")} given as {me.name}
          </Text>
        )}
        {end.code && (
          <Stack gap={8} w="100%" maw="22rem">
            <Text size="sm">Your completion code:</Text>
            <output className={classes.code} aria-label="Completion code">
              {end.code}
            </output>
            <CopyButton value={end.code} timeout={4000}>
              {({ copied, copy }) => (
                <Button size="lg" mih={52} variant="default" onClick={copy} leftSection={copied ? <IconCheck size={20} /> : <IconCopy size={20} />}>
                  {copied ? "Copied" : "Copy the code"}
                </Button>
              )}
            </CopyButton>
          </Stack>
        )}
        {redirect && (
          <Button component="a" href={redirect} size="lg" mih={52} w="100%" maw="22rem" rel="noreferrer">
            Back to {new URL(redirect).hostname}
          </Button>
        )}
        {again && (
          <Button size="lg" mih={52} variant="default" onClick={() => session.retry()}>
            Look again
          </Button>
        )}
        {leaderboard && <Leaders session={session} />}
        <ForgetMe session={session} />
      </div>
    </main>
  );
}

/** Only plain web addresses: a link may come from an owner whom the worker does not know. */
function safeRedirect(address: string): string | null {
  try {
    const { protocol, href } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

export function ForgetMe({ session }: { session: CrowdSession }) {
  return (
    <Anchor component="button" type="button" size="sm" mih={44} onClick={() => window.confirm("Delete all your answers here, and the key on this device? This cannot be taken back.") && void session.forget()}>
      Delete my answers and forget this device
    </Anchor>
  );
}
