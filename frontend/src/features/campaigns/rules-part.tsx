import { Button, Checkbox, Group, NumberInput, SimpleGrid, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { changeCampaign, type Campaign, type CampaignChange } from "./queries";
import { useCampaignChange } from "./use-campaign-change";

/** Words and rules of a campaign; they can be changed while it runs. */
export function RulesPart({ campaign, mayManage }: { campaign: Campaign; mayManage: boolean }) {
  const [changes, setChanges] = useState<CampaignChange>({});
  const change = (part: CampaignChange) => setChanges((now) => ({ ...now, ...part }));
  const now = { ...campaign, ...changes };
  const save = useCampaignChange(
    () => changeCampaign(campaign.id, changes),
    () => {
      setChanges({});
      toast.done("Saved.");
    },
  );
  const text = (name: "name" | "title" | "completion_code" | "redirect_url", label: string, description?: string) => (
    <TextInput label={label} description={description} disabled={!mayManage} value={now[name] ?? ""} onChange={(event) => change({ [name]: event.currentTarget.value })} />
  );
  const number = (name: "answers_min" | "answers_max" | "training_count" | "answers_per_minute" | "lease_s", label: string, least: number, description?: string) => (
    <NumberInput label={label} description={description} disabled={!mayManage} min={least} value={now[name] ?? least} onChange={(value) => change({ [name]: Math.max(least, Math.round(Number(value) || least)) })} />
  );
  const share = (name: "gold_share" | "pass_mark" | "worth", label: string, description?: string) => (
    <NumberInput label={label} description={description} disabled={!mayManage} min={0} max={1} step={0.05} decimalScale={3} value={now[name] ?? 0} onChange={(value) => change({ [name]: Math.min(1, Math.max(0, Number(value) || 0)) })} />
  );
  return (
    <Panel title="Rules">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <Stack gap="md" maw={760}>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {text("name", "Name")}
            {text("title", "Title", "What workers read above all.")}
            {number("answers_min", "Answers at least", 1)}
            {number("answers_max", "Answers at most", 1)}
            {share("worth", "Ask again while one more answer puts right", "A share of a cell: smaller asks more.")}
            {share("gold_share", "Share of gold")}
            {number("training_count", "Practice pictures", 0)}
            {share("pass_mark", "Pass mark")}
            <NumberInput label="Faster answers do not count, s" disabled={!mayManage} min={0} max={60} step={0.1} decimalScale={2} value={now.seconds_min ?? 0} onChange={(value) => change({ seconds_min: Math.max(0, Number(value) || 0) })} />
            {number("answers_per_minute", "Answers a minute of one person, at most", 1)}
            <NumberInput label="Questions for each person, at most" description="Empty: as many as they like." disabled={!mayManage} min={1} value={now.items_per_worker ?? ""} onChange={(value) => change({ items_per_worker: value === "" ? null : Math.max(1, Math.round(Number(value) || 1)) })} />
            {number("lease_s", "A question is kept for somebody, s", 10, "Then it is given to another.")}
            {text("completion_code", "Completion code", "Empty: everybody gets an own one.")}
            {text("redirect_url", "Address to return to", "{code} is replaced by the code.")}
          </SimpleGrid>
          {campaign.classes.length > 0 && (
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              Classes to choose between: {campaign.classes.map((one) => one.name).join(", ")}.
            </Text>
          )}
          <Textarea label="Instruction" autosize minRows={2} disabled={!mayManage} value={now.instruction ?? ""} onChange={(event) => change({ instruction: event.currentTarget.value })} />
          <Textarea label="Consent" autosize minRows={3} disabled={!mayManage} value={now.consent ?? ""} onChange={(event) => change({ consent: event.currentTarget.value })} />
          <Group>
            <Checkbox label="Show people how they did on gold" disabled={!mayManage} checked={now.feedback_on_gold ?? false} onChange={(event) => change({ feedback_on_gold: event.currentTarget.checked })} />
            <Switch label="Show who answered most" disabled={!mayManage} checked={now.leaderboard ?? false} onChange={(event) => change({ leaderboard: event.currentTarget.checked })} />
          </Group>
          <ErrorNotice error={save.error} />
          {mayManage && (
            <Group justify="flex-end">
              <Button type="submit" disabled={Object.keys(changes).length === 0} loading={save.isPending}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}
