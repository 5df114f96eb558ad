import { Button, Checkbox, Group, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery } from "@/api/datasets";
import { classesQuery } from "@/api/projects";
import { plural } from "@/lib/format";
import { FormDialog } from "@/ui/form-dialog";
import { toast } from "@/ui/toast";
import { askRatings, shareOut, type ShareOut, type Task } from "./queries";
import { NO_SECOND, ratingsOf, SecondRaters } from "./second-raters";
import { useLabellers } from "./use-labellers";

type Rule = ShareOut["rule"];

const RULES: { value: Rule; label: string }[] = [
  { value: "IN_TURN", label: "In turn, everybody as many" },
  { value: "LOAD", label: "To whoever has the least in hand" },
  { value: "DATASET", label: "By dataset" },
  { value: "CLASS", label: "By the class most cells have" },
];

interface ShareOutProps {
  projectId: string;
  tasks: readonly Task[];
  onDone: () => void;
}

/** Gives the selected tasks to several people by a rule. */
export function ShareOutButton({ projectId, tasks, onDone }: ShareOutProps) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="compact-sm" variant="default" disabled={tasks.length === 0} onClick={() => setOpened(true)}>
        Share out…
      </Button>
      {opened && <ShareOutDialog projectId={projectId} tasks={tasks} onDone={onDone} onClose={() => setOpened(false)} />}
    </>
  );
}

function ShareOutDialog({ projectId, tasks, onDone, onClose }: ShareOutProps & { onClose: () => void }) {
  const labellers = useLabellers(projectId);
  const [rule, setRule] = useState<Rule>("IN_TURN");
  const [left, setLeft] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const queries = useQueryClient();
  const [second, setSecond] = useState(NO_SECOND);
  const people = labellers.map(({ id }) => id).filter((id) => !left.includes(id));
  const isByKey = rule === "DATASET" || rule === "CLASS";
  const share = useMutation({
    mutationFn: () =>
      shareOut(projectId, {
        tasks: tasks.map(({ id }) => id),
        rule,
        people: isByKey ? [] : people,
        chosen: isByKey ? Object.entries(chosen).map(([about, person]) => ({ about, person })) : [],
      }),
    onSuccess: async (given) => {
      const rated = second.percent > 0 ? await askRatings(projectId, ratingsOf(second, tasks, labellers)) : [];
      await queries.invalidateQueries({ queryKey: ["tasks"] });
      toast.done(given.length === tasks.length ? `${plural(given.length, "task")} given.` : `${plural(given.length, "task")} given; ${tasks.length - given.length} left as they were.`);
      if (rated.length > 0) toast.done(`${plural(rated.length, "image")} will be rated twice.`);
      onClose();
      onDone();
    },
  });
  return (
    <FormDialog title={`Share out ${plural(tasks.length, "task")}`} submit="Share out" busy={share.isPending} error={share.error} onSubmit={() => share.mutate()} onClose={onClose}>
      <Select
        label="Rule"
        data={RULES}
        allowDeselect={false}
        value={rule}
        onChange={(value) => {
          setChosen({});
          if (value) setRule(value);
        }}
      />
      {isByKey ? (
        <ByKey projectId={projectId} rule={rule} tasks={tasks} labellers={labellers} chosen={chosen} onChosen={setChosen} />
      ) : (
        <Stack gap={4}>
          <Text size="sm" fw={500}>
            Among
          </Text>
          {labellers.map(({ id, name }) => (
            <Checkbox key={id} size="sm" label={name} checked={!left.includes(id)} onChange={(event) => setLeft(event.currentTarget.checked ? left.filter((one) => one !== id) : [...left, id])} />
          ))}
        </Stack>
      )}
      <SecondRaters label="Rated twice, blind" labellers={labellers} value={second} onChange={setSecond} />
    </FormDialog>
  );
}

interface ByKeyProps {
  projectId: string;
  rule: Rule;
  tasks: readonly Task[];
  labellers: readonly { id: string; name: string }[];
  chosen: Readonly<Record<string, string>>;
  onChosen: (chosen: Readonly<Record<string, string>>) => void;
}

/** A person for each dataset of the selected tasks, or for each class; what has none stays. */
function ByKey({ projectId, rule, tasks, labellers, chosen, onChosen }: ByKeyProps) {
  const datasets = useQuery(datasetsQuery(projectId)).data ?? [];
  const classes = useQuery(classesQuery(projectId)).data ?? [];
  const used = new Set(tasks.map((task) => task.image.dataset));
  const keys = rule === "DATASET" ? datasets.filter(({ id }) => used.has(id)) : classes.filter(({ archived }) => !archived);
  const set = (key: string, person: string | null) => {
    const rest = Object.fromEntries(Object.entries(chosen).filter(([one]) => one !== key));
    onChosen(person === null ? rest : { ...rest, [key]: person });
  };
  if (keys.length === 0) return <Text size="sm">There is no class yet.</Text>;
  return keys.map(({ id, name }) => (
    <Group key={id} justify="space-between" wrap="nowrap" gap="xs">
      <Text size="sm" truncate>
        {name}
      </Text>
      <Select size="xs" aria-label={`Who gets ${name}`} placeholder="Nobody" clearable data={labellers.map((one) => ({ value: one.id, label: one.name }))} value={chosen[id] ?? null} onChange={(person) => set(id, person)} />
    </Group>
  ));
}
