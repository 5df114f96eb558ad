import { Radio, Select, Skeleton, Stack } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

type Rule = Schema["ProposalRuleOut"];
type Proposer = Rule["proposer"];

const ruleQuery = (project: string) =>
  queryOptions({
    queryKey: ["proposal-rule", project],
    queryFn: () => data(api.GET("/api/v1/proposal-rules/", { params: { query: { project } } })),
  });

/** Who proposes labels on images that are brought in: the starter model that fits, a model of one's own, or nobody. */
export function ProposalsPanel({ project, mayManage }: { project: string; mayManage: boolean }) {
  const rule = useQuery(ruleQuery(project));
  return (
    <div id="proposals">
      <Panel title="Proposals on new images" lead="When images without labels are brought in, a model can draw a first version by itself. It is a draft: it counts for nothing until a person accepts it.">
        <ErrorNotice error={rule.error} onRetry={() => void rule.refetch()} />
        {rule.isPending && <Skeleton height={120} />}
        {rule.data && <Choice project={project} rule={rule.data} mayManage={mayManage} />}
      </Panel>
    </div>
  );
}

function Choice({ project, rule, mayManage }: { project: string; rule: Rule; mayManage: boolean }) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (chosen: { proposer: Proposer; trained_model: string | null }) => data(api.PUT("/api/v1/proposal-rules/", { body: { project, ...chosen } })),
    onSuccess: (saved) => {
      queries.setQueryData(ruleQuery(project).queryKey, saved);
      toast.done("Saved.");
    },
  });
  const own = rule.models.filter((one) => !rule.starters.some((starter) => starter.id === one.id));
  const first = rule.trained_model?.id ?? own[0]?.id ?? rule.starters[0]?.id ?? null;
  const choose = (value: string) => save.mutate({ proposer: value as Proposer, trained_model: value === "MODEL" ? first : null });
  return (
    <Stack gap="sm">
      <Radio.Group value={rule.proposer} onChange={choose} aria-label="Who proposes on new images">
        <Stack gap="xs">
          <Radio value="STARTER" disabled={!mayManage || save.isPending} label="The starter model that fits" description={rule.starters.length > 0 ? `${rule.starters.map((one) => one.name).join(", ")}, on images with channels that it reads; never on very large ones unasked.` : "None is installed, so nothing is proposed."} />
          <Radio value="MODEL" disabled={!mayManage || save.isPending || rule.models.length === 0} label="A model of this project" description={rule.models.length > 0 ? "On every image with as many channels as it learned from." : "There is none yet."} />
          <Radio value="OFF" disabled={!mayManage || save.isPending} label="Nobody" description="People start predictions themselves." />
        </Stack>
      </Radio.Group>
      {rule.proposer === "MODEL" && (
        <Select
          label="Model"
          searchable
          allowDeselect={false}
          disabled={!mayManage}
          value={rule.trained_model?.id ?? null}
          onChange={(value) => value && save.mutate({ proposer: "MODEL", trained_model: value })}
          data={rule.models.map((one) => ({ value: one.id, label: one.name }))}
        />
      )}
      <ErrorNotice error={save.error} />
    </Stack>
  );
}
