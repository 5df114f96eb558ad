import { ActionIcon, Button, Code, Group, Modal, Skeleton, Stack, Table, Text, TextInput, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { ALL } from "@/api/paging";
import type { Schema } from "@/api/types";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { CopyField } from "@/ui/copy-field";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { TimeAgo } from "@/ui/time-ago";
import { Truncated } from "@/ui/truncated";

type Token = Schema["TokenOut"];

const TOKENS = ["tokens"];

export function TokensPanel() {
  const tokens = useQuery({ queryKey: TOKENS, queryFn: async () => (await data(api.GET("/api/v1/tokens/", { params: { query: ALL } }))).results });
  const [leaving, setLeaving] = useState<Token | null>(null);
  return (
    <Panel title="Access tokens" lead="For scripts and notebooks. A token may do what you may do.">
      <Stack gap="sm">
        <NewToken />
        <ErrorNotice error={tokens.error} onRetry={() => void tokens.refetch()} />
        {tokens.isPending && <Skeleton height={40} />}
        {tokens.data?.length === 0 && (
          <Text size="sm" c="dimmed">
            No tokens yet.
          </Text>
        )}
        {tokens.data && tokens.data.length > 0 && <TokenTable tokens={tokens.data} onRevoke={setLeaving} />}
        {leaving && <RevokeDialog token={leaving} onClose={() => setLeaving(null)} />}
      </Stack>
    </Panel>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: Token[]; onRevoke: (token: Token) => void }) {
  return (
    <Table aria-label="Access tokens" layout="fixed" verticalSpacing={6}>
      <Table.Tbody>
        {tokens.map((token) => (
          <Table.Tr key={token.id}>
            <Table.Td>
              <Truncated size="sm">{token.name}</Truncated>
              <Text size="xs" c="dimmed">
                made <TimeAgo at={token.created_at} />, {token.last_used_at ? <TimeAgo at={token.last_used_at} /> : "never used"}
              </Text>
            </Table.Td>
            <Table.Td w={110}>
              <Code>{token.hint}…</Code>
            </Table.Td>
            <Table.Td w={48}>
              <Tooltip label="Revoke">
                <ActionIcon variant="subtle" color="bad" aria-label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
                  <IconTrash size={16} />
                </ActionIcon>
              </Tooltip>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function NewToken() {
  const [name, setName] = useState("");
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/tokens/", { body: { name } })),
    onSuccess: async () => {
      setName("");
      await queries.invalidateQueries({ queryKey: TOKENS });
    },
  });
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <TextInput flex={1} label="What it is for" placeholder="analysis notebook" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Button type="submit" variant="default" loading={make.isPending}>
            Make token
          </Button>
        </Group>
      </form>
      <ErrorNotice error={make.error} />
      <Modal opened={make.data !== undefined} onClose={make.reset} title="Your new token" centered closeButtonProps={{ "aria-label": "Close" }}>
        <Stack>
          <CopyField label="Token" value={make.data?.secret ?? ""} description="Shown only now. Keep it as you keep a password." />
          <Code block>{`curl -H "Authorization: Bearer $TOKEN" ${location.origin}/api/v1/projects/`}</Code>
          <Button onClick={make.reset}>I have copied it</Button>
        </Stack>
      </Modal>
    </>
  );
}

function RevokeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/tokens/{id}/", { params: { path: { id: token.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: TOKENS });
      onClose();
    },
  });
  return (
    <ConfirmDialog opened title="Revoke this token?" confirm="Revoke token" busy={revoke.isPending} error={revoke.error} onConfirm={() => revoke.mutate()} onClose={onClose}>
      Programs that use “{token.name}” are refused from this moment on.
    </ConfirmDialog>
  );
}
