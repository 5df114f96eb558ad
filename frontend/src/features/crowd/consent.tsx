import { Button, Checkbox, List, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { plural } from "@/lib/format";
import { KIND_NAMES } from "@/microtasks/words";
import { ErrorNotice } from "@/ui/error-notice";
import { Mark } from "@/ui/mark";
import type { OpenCampaign } from "./doors";
import { DEFAULT_CONSENT, endWords } from "./words";
import classes from "./crowd.module.css";

/** Before anything: what is asked, what is kept, and a yes. */
export function Consent({ campaign, busy, error, onAgree }: { campaign: OpenCampaign; busy: boolean; error: unknown; onAgree: () => void }) {
  const [agreed, setAgreed] = useState(false);
  const shut = campaign.is_open ? null : endWords({ reason: campaign.state === "PAUSED" ? "PAUSED" : "CLOSED", message: "" });
  return (
    <form
      className={`${classes.page} ${classes.reading}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (agreed) onAgree();
      }}
    >
      <Stack gap="sm" pt="md">
        <Mark size={36} />
        <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
          {campaign.title}
        </Title>
        {shut ? (
          <Text role="alert">{campaign.state === "DRAFT" ? "This campaign has not begun yet. Come back later with the same link." : shut.sentence}</Text>
        ) : (
          <>
            {campaign.instruction && <Text className={classes.text}>{campaign.instruction}</Text>}
            <List size="md" spacing={4}>
              {campaign.kinds.map((kind) => (
                <List.Item key={kind}>{KIND_NAMES[kind]}</List.Item>
              ))}
              {campaign.training_count > 0 && <List.Item>{plural(campaign.training_count, "practice picture")} first, with the answer shown</List.Item>}
              <List.Item>No account, no installation. You may stop at any time and come back.</List.Item>
            </List>
            <Title order={2} size="h4" mt="xs">
              What is kept
            </Title>
            <Text className={classes.text}>{campaign.consent || DEFAULT_CONSENT}</Text>
          </>
        )}
        <ErrorNotice error={error} />
      </Stack>
      {!shut && (
        <div className={classes.foot}>
          <Checkbox size="lg" py={10} label="I have read this and agree" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
          <Button type="submit" size="lg" mih={52} fullWidth disabled={!agreed} loading={busy}>
            Begin
          </Button>
        </div>
      )}
    </form>
  );
}
