import { NumberInput, Select, Slider, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import { addresses } from "@/lib/addresses";
import { TextLink } from "@/ui/link";
import { toast } from "@/ui/toast";
import { RuleForm, RulePanel } from "./rule-panel";

type Rule = Required<Schema["ReviewRuleOut"]>;

const OWN_WORK: { value: Rule["own_work"]; label: string }[] = [
  { value: "AUTO", label: "Only where nobody else could review" },
  { value: "REFUSED", label: "Never" },
  { value: "ALLOWED", label: "Yes" },
];
const MARKS = [0, 25, 50, 75, 100].map((value) => ({ value, label: `${value} %` }));

const ruleQuery = (project: string) =>
  queryOptions({ queryKey: ["review-rule", project], queryFn: () => data(api.GET("/api/v1/projects/{id}/review-rule/", { params: { path: { id: project } } })) as Promise<Rule> });

/** How much is looked at, and who may not accept it. */
export function ReviewPanel({ project, mayManage }: { project: string; mayManage: boolean }) {
  const rule = useQuery(ruleQuery(project));
  return (
    <RulePanel id="review" title="Review" lead="What is handed in waits for a reviewer. With less than 100 % the rest is accepted by rule, and recorded so; what was returned once, or changed after it was accepted, is always looked at." rule={rule}>
      {(read) => <Form rule={read} mayManage={mayManage} />}
    </RulePanel>
  );
}

function Form({ rule, mayManage }: { rule: Rule; mayManage: boolean }) {
  const [share, setShare] = useState(rule.share_percent);
  const [seed, setSeed] = useState(rule.seed);
  const [own, setOwn] = useState(rule.own_work);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => data(api.PATCH("/api/v1/projects/{id}/review-rule/", { params: { path: { id: rule.project } }, body: { share_percent: share, seed, own_work: own } })),
    onSuccess: (saved) => {
      queries.setQueryData(ruleQuery(rule.project).queryKey, saved as Rule);
      toast.done("Saved.");
    },
  });
  const changed = share !== rule.share_percent || seed !== rule.seed || own !== rule.own_work;
  return (
    <RuleForm
      save={save}
      mayManage={mayManage}
      changed={changed}
      link={
        <TextLink size="sm" to={addresses.reviews(rule.project)}>
          To the review queue
        </TextLink>
      }
    >
      <div>
        <Text size="sm" fw={500} id="review-share">
          Looked at: {share} %
        </Text>
        <Slider mt={6} mb="lg" mx="md" aria-labelledby="review-share" thumbLabel="Share that is looked at" value={share} onChange={setShare} disabled={!mayManage} step={5} marks={MARKS} label={(value) => `${value} %`} />
      </div>
      {share < 100 && <NumberInput maw={200} label="Seed of the draw" description="The same seed draws the same tasks." min={0} max={2147483647} allowDecimal={false} disabled={!mayManage} value={seed} onChange={(value) => setSeed(Number(value) || 0)} />}
      <Select maw={340} label="May people accept their own work?" data={OWN_WORK} allowDeselect={false} disabled={!mayManage} value={own} onChange={(value) => value && setOwn(value)} />
    </RuleForm>
  );
}
