import { ActionIcon, Button, Checkbox, Group, Modal, Skeleton, Stack, Switch, Table, Text, TextInput, Tooltip } from "@mantine/core";
import { IconSend, IconTrash } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { ALL } from "@/api/paging";
import type { Schema } from "@/api/types";
import { CopyField } from "@/ui/copy-field";
import { ErrorNotice } from "@/ui/error-notice";
import type { Tone } from "@/ui/palette";
import { Panel } from "@/ui/panel";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import { Truncated } from "@/ui/truncated";

type Webhook = Required<Schema["WebhookOut"]>;
type Delivery = Required<Schema["DeliveryOut"]>;
type EventName = Webhook["events"][number];

const WORDS: Record<EventName, string> = {
  "comment.written": "A comment is written",
  "comment.resolved": "A conversation is settled",
  "task.assigned": "A task is given to somebody",
  "task.submitted": "A task is handed in",
  "review.accepted": "Work is accepted",
  "review.returned": "Work is returned",
  "labels.changed_after_acceptance": "Accepted labels are changed",
};
const EVENTS = Object.keys(WORDS) as EventName[];
const SAID: Record<Delivery["state"], { tone: Tone; word: string }> = {
  WAITING: { tone: "wait", word: "tries again" },
  DONE: { tone: "good", word: "arrived" },
  FAILED: { tone: "bad", word: "given up" },
};

const webhooksQuery = (project: string) =>
  queryOptions({ queryKey: ["webhooks", project], queryFn: async () => (await data(api.GET("/api/v1/projects/{id}/webhooks/", { params: { path: { id: project }, query: ALL } }))).results as Webhook[] });
const deliveriesQuery = (webhook: string) =>
  queryOptions({
    queryKey: ["deliveries", webhook],
    queryFn: async () => (await data(api.GET("/api/v1/webhooks/{id}/deliveries/", { params: { path: { id: webhook }, query: { limit: 10 } } }))).results as Delivery[],
    refetchInterval: 5_000,
  });

const at = (id: string) => ({ params: { path: { id } } }) as const;

/** Other programs that hear what happens in this project. For managers. */
export function WebhooksPanel({ project }: { project: string }) {
  const webhooks = useQuery(webhooksQuery(project));
  return (
    <div id="webhooks">
      <Panel title="Webhooks" lead="Other programs can hear what happens here. Each letter is signed with a secret (HMAC-SHA256, header X-Cytoloop-Signature) and tried again for hours when nobody takes it.">
        <Stack gap="md">
          <ErrorNotice error={webhooks.error} onRetry={() => void webhooks.refetch()} />
          {webhooks.isPending && <Skeleton height={60} />}
          {webhooks.data?.map((webhook) => <Entry key={webhook.id} webhook={webhook} />)}
          <NewWebhook project={project} />
        </Stack>
      </Panel>
    </div>
  );
}

function NewWebhook({ project }: { project: string }) {
  const [url, setUrl] = useState("");
  const [events, setEvents] = useState<string[]>(["task.submitted", "review.accepted"]);
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/projects/{id}/webhooks/", { ...at(project), body: { url, events: events as EventName[] } })),
    onSuccess: async () => {
      setUrl("");
      await queries.invalidateQueries({ queryKey: ["webhooks", project] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack gap="xs">
        <TextInput label="Address of the program" type="url" required placeholder="https://…" value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
        <Checkbox.Group label="What it hears" value={events} onChange={setEvents}>
          <Stack gap={4} mt={4}>
            {EVENTS.map((name) => (
              <Checkbox key={name} size="xs" value={name} label={WORDS[name]} />
            ))}
          </Stack>
        </Checkbox.Group>
        <ErrorNotice error={make.error} />
        <Group justify="flex-end">
          <Button type="submit" variant="default" disabled={events.length === 0} loading={make.isPending}>
            Add webhook
          </Button>
        </Group>
      </Stack>
      <Modal opened={make.data !== undefined} onClose={make.reset} title="The secret of this webhook" centered closeButtonProps={{ "aria-label": "Close" }}>
        <Stack>
          <CopyField label="Secret" value={make.data?.secret ?? ""} description="The receiver checks the signatures with it. Shown only now." />
          <Button onClick={make.reset}>I have copied it</Button>
        </Stack>
      </Modal>
    </form>
  );
}

function Entry({ webhook }: { webhook: Webhook }) {
  const queries = useQueryClient();
  const after = () => Promise.all([queries.invalidateQueries({ queryKey: ["webhooks"] }), queries.invalidateQueries({ queryKey: ["deliveries", webhook.id] })]);
  const failed = { onError: (error: unknown) => toast.failed(error), onSettled: after };
  const silence = useMutation({ mutationFn: (active: boolean) => data(api.PATCH("/api/v1/webhooks/{id}/", { ...at(webhook.id), body: { active } })), ...failed });
  const remove = useMutation({ mutationFn: () => data(api.DELETE("/api/v1/webhooks/{id}/", at(webhook.id))), ...failed });
  const test = useMutation({ mutationFn: () => data(api.POST("/api/v1/webhooks/{id}/try/", at(webhook.id))), ...failed });
  return (
    <section aria-label={`Webhook ${webhook.url}`}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Truncated>{webhook.url}</Truncated>
          <Text size="xs" c="dimmed">
            {webhook.events.map((name) => WORDS[name].toLowerCase()).join(", ")}
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          <Switch size="xs" aria-label={`${webhook.url} hears`} checked={webhook.active} onChange={(event) => silence.mutate(event.currentTarget.checked)} />
          <Button size="compact-xs" variant="default" leftSection={<IconSend size={13} />} loading={test.isPending} onClick={() => test.mutate()}>
            Test
          </Button>
          <Tooltip label="Delete this webhook">
            <ActionIcon variant="subtle" color="bad" aria-label={`Delete ${webhook.url}`} onClick={() => remove.mutate()}>
              <IconTrash size={15} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      <Log webhook={webhook.id} />
    </section>
  );
}

/** The last letters, and what became of them. */
function Log({ webhook }: { webhook: string }) {
  const queries = useQueryClient();
  const deliveries = useQuery(deliveriesQuery(webhook));
  const again = useMutation({
    mutationFn: (id: string) => data(api.POST("/api/v1/deliveries/{id}/try/", at(id))),
    onError: (error) => toast.failed(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["deliveries", webhook] }),
  });
  if (!deliveries.data || deliveries.data.length === 0) return null;
  return (
    <Table aria-label="Letters" mt={6} verticalSpacing={2} fz="xs">
      <Table.Tbody>
        {deliveries.data.map((delivery) => (
          <Table.Tr key={delivery.id}>
            <Table.Td>{delivery.event}</Table.Td>
            <Table.Td>
              <StateBadge tone={SAID[delivery.state].tone} title={delivery.failure}>
                {delivery.state === "WAITING" && delivery.attempts === 0 ? "on its way" : SAID[delivery.state].word}
              </StateBadge>
            </Table.Td>
            <Table.Td className="num">{delivery.failure || delivery.status_code}</Table.Td>
            <Table.Td ta="right">
              <TimeAgo at={delivery.created_at} />
            </Table.Td>
            <Table.Td w={70} ta="right">
              {delivery.state !== "DONE" && (
                <Button size="compact-xs" variant="subtle" onClick={() => again.mutate(delivery.id)}>
                  Send
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
