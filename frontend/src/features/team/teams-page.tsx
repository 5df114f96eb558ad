import { Button, Group, Modal, Skeleton, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUsers } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@/api/client";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ROLE_NAMES } from "@/lib/roles";
import { DataTable } from "@/ui/data-table";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { PageHeader } from "@/ui/page-header";
import { Truncated } from "@/ui/truncated";
import { teamsQuery, type Team } from "./queries";

export function TeamsPage() {
  const teams = useQuery(teamsQuery);
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <PageHeader title="Teams" subtitle="A team owns projects; what you may do in them is decided by your role." actions={<Button onClick={open}>New team</Button>} />
      <ErrorNotice error={teams.error} onRetry={() => void teams.refetch()} />
      {teams.isPending && <Skeleton height={120} />}
      {teams.data?.length === 0 && (
        <EmptyState icon={<IconUsers size={40} stroke={1.2} />} title="You are in no team" action={<Button onClick={open}>New team</Button>}>
          Make one for your lab, or ask a colleague for an invitation link.
        </EmptyState>
      )}
      {teams.data && teams.data.length > 0 && (
        <DataTable<Team>
          label="Teams"
          rows={teams.data}
          rowKey={(team) => team.id}
          rowLabel={(team) => team.name}
          onOpen={(team) => void navigate({ to: addresses.team(team.id) })}
          columns={[
            { key: "name", title: "Name", cell: (team) => <Truncated>{team.name}</Truncated>, sortBy: (team) => team.name },
            { key: "role", title: "Your role", width: "9rem", cell: (team) => ROLE_NAMES[team.role] },
            { key: "members", title: "Members", width: "9rem", align: "right", cell: (team) => plural(team.member_count, "member") },
          ]}
        />
      )}
      <Modal opened={opened} onClose={close} title="New team" centered closeButtonProps={{ "aria-label": "Close" }}>
        <NewTeamForm onDone={close} />
      </Modal>
    </>
  );
}

function NewTeamForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState("");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/teams/", { body: { name } })),
    onSuccess: async (team) => {
      onDone();
      await queries.invalidateQueries({ queryKey: ["teams"] });
      await navigate({ to: addresses.team(team.id) });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        <TextInput label="Name" description="Usually the name of the lab." required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <ErrorNotice error={make.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={make.isPending}>
            Make team
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
