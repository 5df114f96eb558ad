import { Button, Group, Skeleton, Stack } from "@mantine/core";
import type { UseMutationResult, UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";

export interface RulePanelProps<Rule> {
  /** Place in the address of the page. */
  id: string;
  title: string;
  lead: string;
  rule: UseQueryResult<Rule>;
  children: (rule: Rule) => ReactNode;
}

/** A rule of the project, once it is read. The form begins anew with what was saved. */
export function RulePanel<Rule>({ id, title, lead, rule, children }: RulePanelProps<Rule>) {
  return (
    <div id={id}>
      <Panel title={title} lead={lead}>
        <ErrorNotice error={rule.error} onRetry={() => void rule.refetch()} />
        {rule.isPending && <Skeleton height={120} />}
        {rule.data && <div key={JSON.stringify(rule.data)}>{children(rule.data)}</div>}
      </Panel>
    </div>
  );
}

export interface RuleFormProps {
  save: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "error" | "isPending">;
  mayManage: boolean;
  /** Is there anything to save? */
  changed?: boolean;
  /** Where the rule shows its effect. */
  link: ReactNode;
  children: ReactNode;
}

/** What the rule says, and the button that saves it for those who may. */
export function RuleForm({ save, mayManage, changed = true, link, children }: RuleFormProps) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        {children}
        <ErrorNotice error={save.error} />
        <Group justify="space-between">
          {link}
          {mayManage && (
            <Button type="submit" variant="default" disabled={!changed} loading={save.isPending}>
              Save
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
