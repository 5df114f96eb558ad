import { ActionIcon, Select, Text, Tooltip } from "@mantine/core";
import { IconUserMinus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { useMe } from "@/api/session";
import { ROLE_NAMES, ROLES, type Role } from "@/lib/roles";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { DataTable, type Column } from "@/ui/data-table";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import { Truncated } from "@/ui/truncated";
import type { Member } from "./queries";

export interface MembersTableProps {
  team: string;
  members: Member[];
  mayChange: boolean;
}

export function MembersTable({ team, members, mayChange }: MembersTableProps) {
  const me = useMe();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const owners = members.filter((member) => member.role === "OWNER").length;
  const isLastOwner = (member: Member) => member.role === "OWNER" && owners === 1;
  const columns: Column<Member>[] = [
    { key: "name", title: "Name", cell: (member) => <Who member={member} isMe={member.user.id === me.id} />, sortBy: (member) => member.user.name },
    { key: "email", title: "E-mail", wideOnly: true, cell: (member) => <Truncated>{member.user.email}</Truncated>, sortBy: (member) => member.user.email },
    { key: "role", title: "Role", width: "10rem", cell: (member) => <RoleChoice team={team} member={member} locked={!mayChange || isLastOwner(member)} /> },
    { key: "since", title: "Since", width: "9rem", wideOnly: true, cell: (member) => <TimeAgo at={member.created_at} />, sortBy: (member) => member.created_at },
  ];
  if (mayChange) {
    columns.push({
      key: "remove",
      title: "",
      width: "56px",
      cell: (member) => (
        <Tooltip label={isLastOwner(member) ? "A team keeps at least one owner" : "Remove from the team"}>
          <ActionIcon variant="subtle" color="bad" aria-label={`Remove ${member.user.name}`} disabled={isLastOwner(member)} onClick={() => setLeaving(member)}>
            <IconUserMinus size={16} />
          </ActionIcon>
        </Tooltip>
      ),
    });
  }
  return (
    <>
      <DataTable label="Members" rows={members} rowKey={(member) => member.id} rowLabel={(member) => member.user.name} columns={columns} />
      {leaving && <RemoveDialog team={team} member={leaving} onClose={() => setLeaving(null)} />}
    </>
  );
}

function Who({ member, isMe }: { member: Member; isMe: boolean }) {
  return (
    <>
      <Truncated>{member.user.name || member.user.email}</Truncated>
      {isMe && (
        <Text size="xs" c="dimmed">
          you
        </Text>
      )}
    </>
  );
}

function RoleChoice({ team, member, locked }: { team: string; member: Member; locked: boolean }) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) => data(api.PATCH("/api/v1/members/{id}/", { params: { path: { id: member.id } }, body: { role } })),
    onError: (error) => toast.failed(error, "The role was not changed"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["teams", team] }),
  });
  if (locked) return ROLE_NAMES[member.role ?? "ANNOTATOR"];
  return (
    <Select
      size="xs"
      aria-label={`Role of ${member.user.name}`}
      data={ROLES.map((role) => ({ value: role, label: ROLE_NAMES[role] }))}
      value={change.variables ?? member.role}
      allowDeselect={false}
      onChange={(role) => role && change.mutate(role)}
    />
  );
}

function RemoveDialog({ team, member, onClose }: { team: string; member: Member; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/members/{id}/", { params: { path: { id: member.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["teams", team] });
      onClose();
    },
  });
  return (
    <ConfirmDialog opened title={`Remove ${member.user.name}?`} confirm="Remove from team" busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={onClose}>
      {member.user.name} sees nothing of this team any more. Labels and reviews made so far stay, with the name on them.
    </ConfirmDialog>
  );
}
