import { Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { mayAtLeast, ROLE_NAMES, ROLE_SENTENCES, ROLES } from "@/lib/roles";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { Panel } from "@/ui/panel";
import { useParam } from "@/ui/use-address";
import { InvitationsPanel } from "./invitations-panel";
import { MembersTable } from "./members-table";
import { membersQuery, teamQuery } from "./queries";

export function TeamPage() {
  const id = useParam("teamId");
  const team = useQuery(teamQuery(id));
  const members = useQuery(membersQuery(id));
  const mayInvite = mayAtLeast(team.data?.role, "OWNER");
  if (team.error) return <ErrorNotice error={team.error} />;
  if (!team.data) return <Skeleton height={200} />;
  return (
    <>
      <PageHeader
        above={
          <TextLink to={addresses.teams()} size="xs">
            Teams
          </TextLink>
        }
        title={team.data.name}
        subtitle={`${plural(team.data.member_count, "member")} · you are ${ROLE_NAMES[team.data.role].toLowerCase()}`}
      />
      <Stack gap="md">
        <Panel title="Members" lead={mayInvite ? undefined : "Only owners change roles and invite people."}>
          <ErrorNotice error={members.error} onRetry={() => void members.refetch()} />
          {members.data ? <MembersTable team={id} members={members.data} mayChange={mayInvite} /> : <Skeleton height={120} />}
        </Panel>
        {mayInvite && <InvitationsPanel team={id} />}
        <RolesPanel />
      </Stack>
    </>
  );
}

function RolesPanel() {
  return (
    <Panel title="What the roles may do" lead="Each role may also do what the ones below it may do.">
      <Table aria-label="Roles" withRowBorders={false} verticalSpacing={4} horizontalSpacing={0}>
        <Table.Tbody>
          {ROLES.map((role) => (
            <Table.Tr key={role}>
              <Table.Td w={110}>
                <Text size="sm" fw={500}>
                  {ROLE_NAMES[role]}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {ROLE_SENTENCES[role]}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
