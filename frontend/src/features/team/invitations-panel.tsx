import { ActionIcon, Button, Group, Modal, Select, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { addresses } from "@/lib/addresses";
import { formatDateTime } from "@/lib/format";
import { ROLE_NAMES, ROLE_SENTENCES, ROLES, type Role } from "@/lib/roles";
import { CopyField } from "@/ui/copy-field";
import { DataTable } from "@/ui/data-table";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { Truncated } from "@/ui/truncated";
import { invitationsQuery, type Invitation } from "./queries";

export function InvitationsPanel({ team }: { team: string }) {
  const invitations = useQuery(invitationsQuery(team));
  return (
    <Panel title="Invite" lead="You get a link to send yourself, by mail or chat. It works once.">
      <Stack gap="sm">
        <InviteForm team={team} />
        <ErrorNotice error={invitations.error} onRetry={() => void invitations.refetch()} />
        {invitations.data && invitations.data.length > 0 && <OpenInvitations team={team} invitations={invitations.data} />}
      </Stack>
    </Panel>
  );
}

function InviteForm({ team }: { team: string }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("ANNOTATOR");
  const queries = useQueryClient();
  const invite = useMutation({
    mutationFn: () => data(api.POST("/api/v1/teams/{id}/invitations/", { params: { path: { id: team } }, body: { email, role } })),
    onSuccess: async () => {
      setEmail("");
      await queries.invalidateQueries({ queryKey: ["teams", team, "invitations"] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate();
      }}
    >
      <Group align="flex-end" gap="xs">
        <TextInput flex="1 1 14rem" label="E-mail" type="email" required value={email} onChange={(event) => setEmail(event.currentTarget.value)} />
        <Select
          w={150}
          label="Role"
          data={ROLES.map((value) => ({ value, label: ROLE_NAMES[value] }))}
          value={role}
          allowDeselect={false}
          onChange={(value) => setRole((value ?? "ANNOTATOR"))}
        />
        <Button type="submit" loading={invite.isPending}>
          Make link
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {ROLE_NAMES[role]}: {ROLE_SENTENCES[role]}
      </Text>
      <ErrorNotice error={invite.error} />
      <Modal opened={invite.data !== undefined} onClose={invite.reset} title={`Link for ${invite.data?.email}`} centered closeButtonProps={{ "aria-label": "Close" }}>
        <Stack>
          <CopyField
            label="Invitation link"
            value={invite.data ? location.origin + addresses.invitation(invite.data.token) : ""}
            description={invite.data && `Works once, until ${formatDateTime(invite.data.expires_at)}. Shown only now.`}
          />
          <Button onClick={invite.reset}>I have copied it</Button>
        </Stack>
      </Modal>
    </form>
  );
}

function OpenInvitations({ team, invitations }: { team: string; invitations: Invitation[] }) {
  const queries = useQueryClient();
  const withdraw = useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/v1/teams/{team}/invitations/{id}/", { params: { path: { team, id } } })),
    onError: (error) => toast.failed(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["teams", team, "invitations"] }),
  });
  return (
    <DataTable<Invitation>
      label="Open invitations"
      rows={invitations}
      rowKey={(invitation) => invitation.id}
      rowLabel={(invitation) => invitation.email}
      columns={[
        { key: "email", title: "Invited", cell: (invitation) => <Truncated>{invitation.email}</Truncated> },
        { key: "role", title: "Role", width: "8rem", cell: (invitation) => ROLE_NAMES[invitation.role ?? "ANNOTATOR"] },
        { key: "until", title: "Link works until", width: "13rem", wideOnly: true, cell: (invitation) => formatDateTime(invitation.expires_at) },
        {
          key: "withdraw",
          title: "",
          width: "56px",
          cell: (invitation) => (
            <Tooltip label="Withdraw">
              <ActionIcon variant="subtle" color="bad" aria-label={`Withdraw the invitation of ${invitation.email}`} onClick={() => withdraw.mutate(invitation.id)}>
                <IconX size={16} />
              </ActionIcon>
            </Tooltip>
          ),
        },
      ]}
    />
  );
}
