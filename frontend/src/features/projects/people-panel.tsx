import { Select, Skeleton, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { peopleQuery, type Colleague } from "@/api/people";
import type { Project } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { mayAtLeast, ROLE_NAMES, ROLE_SENTENCES, ROLES } from "@/lib/roles";
import { DataTable, type Column } from "@/ui/data-table";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { Truncated } from "@/ui/truncated";

type Given = "MANAGER" | "REVIEWER" | "ANNOTATOR" | "VIEWER";
const GIVEN: readonly Given[] = ["MANAGER", "REVIEWER", "ANNOTATOR", "VIEWER"];
const AS_IN_TEAM = "TEAM";

/** Who works in this project, and who may do more in it than in others. */
export function PeoplePanel({ project }: { project: Project }) {
  const manages = mayAtLeast(project.role, "MANAGER");
  const people = useQuery(peopleQuery(project.id, manages));
  return (
    <Panel
      title="People"
      lead={
        <>
          This project belongs to <TextLink to={addresses.team(project.team)} underline="always">{project.team_name}</TextLink>. You are {ROLE_NAMES[project.role].toLowerCase()}: {ROLE_SENTENCES[project.role]} Guests of the team see it only when it
          is opened to them here.
        </>
      }
    >
      <ErrorNotice error={people.error} onRetry={() => void people.refetch()} />
      {people.isPending && <Skeleton height={120} />}
      {people.data && <DataTable label="People of this project" rows={people.data} rowKey={({ user }) => user.id} rowLabel={({ user }) => user.name ?? ""} columns={columnsOf(project, manages)} />}
    </Panel>
  );
}

const columnsOf = (project: Project, manages: boolean): Column<Colleague>[] => [
  { key: "name", title: "Name", cell: ({ user }) => <Truncated>{user.name ?? ""}</Truncated>, sortBy: ({ user }) => user.name ?? "" },
  { key: "team", title: "In the team", width: "8rem", wideOnly: true, cell: ({ team_role }) => ROLE_NAMES[team_role], sortBy: ({ team_role }) => ROLES.indexOf(team_role) },
  { key: "here", title: "In this project", width: "14rem", cell: (person) => (manages ? <RoleHere project={project} person={person} /> : person.role && ROLE_NAMES[person.role]) },
];

function RoleHere({ project, person }: { project: Project; person: Colleague }) {
  const queries = useQueryClient();
  const at = { params: { path: { id: project.id, user: person.user.id } } } as const;
  const give = useMutation({
    mutationFn: (role: string) => (role === AS_IN_TEAM ? data(api.DELETE("/api/v1/projects/{id}/people/{user}/", at)) : data(api.PUT("/api/v1/projects/{id}/people/{user}/", { ...at, body: { role: role as Given } }))),
    onError: (error) => toast.failed(error, "The role was not given"),
    onSettled: () => queries.invalidateQueries({ queryKey: ["people", project.id] }),
  });
  const offered = GIVEN.filter((role) => mayAtLeast(project.role, role) && !mayAtLeast(person.team_role, role));
  const inTeam = person.team_role === "GUEST" ? "Not opened" : `${ROLE_NAMES[person.team_role]}, as in the team`;
  if (offered.length === 0) return <Text size="sm">{inTeam}</Text>;
  return (
    <Select
      size="xs"
      aria-label={`Role of ${person.user.name ?? ""} in this project`}
      allowDeselect={false}
      disabled={give.isPending}
      data={[{ value: AS_IN_TEAM, label: inTeam }, ...offered.map((role) => ({ value: role, label: ROLE_NAMES[role] }))]}
      value={person.given_role && (offered as string[]).includes(person.given_role) ? person.given_role : AS_IN_TEAM}
      onChange={(role) => role && give.mutate(role)}
    />
  );
}
