import { Anchor, Button, FileButton, Group, NumberInput, Stack, Table, Text } from "@mantine/core";
import { IconDownload, IconRefresh, IconUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { CopyField } from "@/ui/copy-field";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { StateBadge } from "@/ui/state-badge";
import { QrCode } from "./qr-code";
import { batchTable, checkBatch, renewLink, type Campaign } from "./queries";
import { useCampaignChange } from "./use-campaign-change";
import { sharePercent, STATE_WORDS } from "./words";

/** The link: to copy, to scan, to hand to a platform. */
export function SharePart({ campaign, link }: { campaign: Campaign; link: string }) {
  const [asked, ask] = useState(false);
  const renew = useCampaignChange(() => renewLink(campaign.id), () => ask(false));
  const address = new URL(link, location.origin).href;
  return (
    <Panel title="Link" lead={STATE_WORDS[campaign.state].sentence}>
      <Group align="flex-start" gap="xl">
        <QrCode address={address} />
        <Stack gap="sm" flex="1 1 18rem" miw={0}>
          <CopyField label="Everybody who has it can answer, without an account" value={address} />
          <Group gap="xs">
            <Button component="a" href={address} target="_blank" rel="noreferrer" variant="default">
              Try it yourself
            </Button>
            <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => ask(true)}>
              New link
            </Button>
          </Group>
          <Batch campaign={campaign} />
        </Stack>
      </Group>
      <ConfirmDialog opened={asked} title="Make a new link?" confirm="New link" busy={renew.isPending} error={renew.error} onConfirm={() => renew.mutate(undefined)} onClose={() => ask(false)}>
        The present link and printed QR codes stop working at once, for people who have begun too.
      </ConfirmDialog>
    </Panel>
  );
}

/** Paid platforms: a table of addresses to take there, and their table of finished work to be checked. */
function Batch({ campaign }: { campaign: Campaign }) {
  const [rows, setRows] = useState(50);
  const check = useMutation({ mutationFn: async (file: File) => checkBatch(campaign.id, await file.text()) });
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600} mt="xs">
        Payment platform
      </Text>
      <Group gap="xs" align="flex-end">
        <NumberInput size="xs" w={110} label="People wanted" min={1} max={100_000} value={rows} onChange={(value) => setRows(Math.max(1, Number(value) || 1))} />
        <Button component="a" size="xs" variant="default" href={batchTable(campaign.id, rows)} download leftSection={<IconDownload size={14} aria-hidden />}>
          Table for the platform
        </Button>
        <FileButton accept=".csv,text/csv" onChange={(file) => file && check.mutate(file)}>
          {(props) => (
            <Button {...props} size="xs" variant="default" loading={check.isPending} leftSection={<IconUpload size={14} aria-hidden />}>
              Check the platform&apos;s table
            </Button>
          )}
        </FileButton>
      </Group>
      <ErrorNotice error={check.error} />
      {check.data && <Checked checked={check.data} />}
    </Stack>
  );
}

const VERDICTS = { APPROVE: { word: "Approve", tone: "good" }, REJECT: { word: "Reject", tone: "bad" }, UNKNOWN: { word: "Unknown", tone: "quiet" } } as const;
const MOST_ROWS = 12;

function Checked({ checked: { rows, table } }: { checked: Awaited<ReturnType<typeof checkBatch>> }) {
  const count = (verdict: keyof typeof VERDICTS) => rows.filter((row) => row.verdict === verdict).length;
  return (
    <>
      <Text size="sm">
        {plural(count("APPROVE"), "worker")} to approve, {count("REJECT")} to reject, {count("UNKNOWN")} unknown.{" "}
        <Anchor href={`data:text/csv;charset=utf-8,${encodeURIComponent(table)}`} download="checked.csv" inherit>
          Take the table along
        </Anchor>
      </Text>
      <Table.ScrollContainer minWidth={380}>
        <Table fz="xs">
          <Table.Tbody>
            {rows.slice(0, MOST_ROWS).map((row) => (
              <Table.Tr key={`${row.worker} ${row.code}`}>
                <Table.Td>{row.worker}</Table.Td>
                <Table.Td>
                  <StateBadge tone={VERDICTS[row.verdict].tone}>{VERDICTS[row.verdict].word}</StateBadge>
                </Table.Td>
                <Table.Td>{row.reason}</Table.Td>
                <Table.Td className="num">{row.answered} answers</Table.Td>
                <Table.Td className="num">gold {sharePercent(row.gold_score)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
