import { useQuery } from "@tanstack/react-query";
import { projectQuery } from "@/api/projects";
import { mayAtLeast } from "@/lib/roles";
import { membersQuery } from "./queries";

/** Members of the project's team who may label, by name. */
export function useLabellers(projectId: string): { id: string; name: string }[] {
  const team = useQuery(projectQuery(projectId)).data?.team;
  const members = useQuery({ ...membersQuery(team ?? ""), enabled: team !== undefined }).data ?? [];
  return members.filter((member) => mayAtLeast(member.role, "ANNOTATOR")).map(({ user }) => ({ id: user.id, name: user.name || user.email }));
}
