import { Select, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@/api/client";
import { ALL } from "@/api/paging";
import { addresses } from "@/lib/addresses";
import { mayAtLeast } from "@/lib/roles";
import { FormDialog } from "@/ui/form-dialog";

export function NewProject({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [chosen, setTeam] = useState<string | null>(null);
  const teams = useQuery({ queryKey: ["teams"], queryFn: async () => (await data(api.GET("/api/v1/teams/", { params: { query: ALL } }))).results });
  const mine = teams.data?.filter((team) => mayAtLeast(team.role, "MANAGER")) ?? [];
  const team = chosen ?? mine[0]?.id ?? null;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/projects/", { body: { team: team ?? "", name, description } })),
    onSuccess: async (project) => {
      await queries.invalidateQueries({ queryKey: ["projects"] });
      await navigate({ to: addresses.project(project.id) });
    },
  });
  const noTeam = teams.data !== undefined && mine.length === 0;
  return (
    <FormDialog title="New project" submit="Make project" busy={make.isPending} error={make.error ?? teams.error} onSubmit={() => make.mutate()} onClose={onClose}>
      <TextInput label="Name" description="The question, the cell line, the experiment." required data-autofocus maxLength={200} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Textarea label="Description" autosize minRows={2} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
      <Select
        label="Team"
        required
        data={mine.map(({ id, name: label }) => ({ value: id, label }))}
        value={team}
        allowDeselect={false}
        onChange={setTeam}
        error={noTeam ? "You manage no team. Make one under Teams, or ask an owner for the role of manager." : undefined}
      />
    </FormDialog>
  );
}
