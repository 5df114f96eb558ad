import { useQuery } from "@tanstack/react-query";
import { peopleQuery } from "@/api/people";
import { mayAtLeast } from "@/lib/roles";

/** People of the project who may label, by name. */
export function useLabellers(projectId: string): { id: string; name: string }[] {
  const people = useQuery(peopleQuery(projectId)).data ?? [];
  return people.filter(({ role }) => mayAtLeast(role ?? undefined, "ANNOTATOR")).map(({ user }) => ({ id: user.id, name: user.name ?? "Somebody" }));
}
