import { Checkbox, Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import { datasetsQuery } from "@/api/datasets";
import { peopleQuery } from "@/api/people";
import type { Schema } from "@/api/types";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { mayAtLeast } from "@/lib/roles";
import { TextLink } from "@/ui/link";
import { toast } from "@/ui/toast";
import { RuleForm, RulePanel } from "./rule-panel";

type Rule = Required<Schema["StandingRuleOut"]>;

const ruleQuery = (project: string) =>
  queryOptions({ queryKey: ["standing-rule", project], queryFn: () => data(api.GET("/api/v1/projects/{id}/standing-rule/", { params: { path: { id: project } } })) as Promise<Rule> });

/** Who gets the images that are still to come. */
export function StandingRulePanel({ project, mayManage }: { project: string; mayManage: boolean }) {
  const rule = useQuery(ruleQuery(project));
  return (
    <RulePanel id="new-images" title="New images" lead="With this rule on, every image that arrives becomes a task and is given to whoever has the least in hand. When somebody hands in, they get the next." rule={rule}>
      {(read) => <Form project={project} rule={read} mayManage={mayManage} />}
    </RulePanel>
  );
}

function Form({ project, rule, mayManage }: { project: string; rule: Rule; mayManage: boolean }) {
  const labellers = (useQuery(peopleQuery(project)).data ?? []).filter(({ role }) => mayAtLeast(role ?? undefined, "ANNOTATOR"));
  const datasets = useQuery(datasetsQuery(project)).data ?? [];
  const [active, setActive] = useState(rule.active);
  const [people, setPeople] = useState<readonly string[]>(rule.people.map(({ id }) => id));
  const [dataset, setDataset] = useState(rule.dataset);
  const [most, setMost] = useState(rule.most_open);
  const [blind, setBlind] = useState(rule.blind_percent);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => data(api.PATCH("/api/v1/projects/{id}/standing-rule/", { params: { path: { id: project } }, body: { active, people: [...people], dataset, most_open: most, blind_percent: blind } })),
    onSuccess: async (saved) => {
      queries.setQueryData(ruleQuery(project).queryKey, saved as Rule);
      await queries.invalidateQueries({ queryKey: ["tasks"] });
      toast.done("Saved.");
    },
  });
  return (
    <RuleForm
      save={save}
      mayManage={mayManage}
      link={
        <TextLink size="sm" to={addresses.tasks(project, { mine: false, state: "OPEN" })}>
          {rule.waiting > 0 ? `${plural(rule.waiting, "task")} wait for a free hand` : "Nothing waits for a free hand"}
        </TextLink>
      }
    >
      <Switch label="Share out new images" disabled={!mayManage} checked={active} onChange={(event) => setActive(event.currentTarget.checked)} />
      <Stack gap={6} role="group" aria-label="To whom">
        <Text size="sm" fw={500}>
          To whom
        </Text>
        {labellers.map(({ user }) => (
          <Checkbox key={user.id} size="sm" label={user.name} disabled={!mayManage} checked={people.includes(user.id)} onChange={(event) => setPeople(event.currentTarget.checked ? [...people, user.id] : people.filter((one) => one !== user.id))} />
        ))}
      </Stack>
      <Group gap="md" align="flex-end">
        <NumberInput w={190} label="Most in one person's hands" min={1} max={1000} allowDecimal={false} disabled={!mayManage} value={most} onChange={(value) => setMost(Number(value) || 1)} />
        <NumberInput w={190} label="Rated twice, blind" suffix=" %" min={0} max={100} clampBehavior="strict" disabled={!mayManage} value={blind} onChange={(value) => setBlind(Number(value) || 0)} />
        <Select w={220} label="Of which dataset" placeholder="Every dataset" clearable disabled={!mayManage} data={datasets.map(({ id, name }) => ({ value: id, label: name }))} value={dataset} onChange={setDataset} />
      </Group>
    </RuleForm>
  );
}
