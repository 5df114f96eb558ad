import { Button, Group, NumberInput, Popover, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/ui/error-notice";
import { promotionRuleQuery, setPromotionRule, type PromotionRule } from "./queries";

/** By which score promotions of a recipe are decided, and how much of it may be lost; an owner may choose. */
export function PromotionRulePart({ project, recipe }: { project: string; recipe: string }) {
  const query = useQuery(promotionRuleQuery(project, recipe));
  const [opened, { toggle, close }] = useDisclosure(false);
  const rule = query.data;
  if (!rule) return null;
  return (
    <Group gap={8} mb={8}>
      <Text size="xs" c="dimmed">
        Decided by {rule.scores[rule.score] ?? rule.score}; {rule.margin > 0 ? `up to ${rule.margin} of it may be lost` : "none of it may be lost"}.
      </Text>
      <Popover opened={opened} onClose={close} withArrow trapFocus width={300}>
        <Popover.Target>
          <Button size="compact-xs" variant="default" onClick={toggle} aria-haspopup="dialog">
            Change
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <RuleForm rule={rule} project={project} onDone={close} />
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}

function RuleForm({ rule, project, onDone }: { rule: PromotionRule; project: string; onDone: () => void }) {
  const [score, setScore] = useState(rule.score);
  const [margin, setMargin] = useState<number | string>(rule.margin);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => setPromotionRule({ project, recipe: rule.recipe, score, margin: Number(margin) || 0 }),
    onSuccess: () => {
      for (const word of ["promotion-rule", "gate"]) void queries.invalidateQueries({ queryKey: [word] });
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="xs">
        <Select size="xs" label="Score that decides" value={score} onChange={(value) => setScore(value ?? rule.score)} allowDeselect={false} data={Object.entries(rule.scores).map(([value, label]) => ({ value, label }))} comboboxProps={{ withinPortal: false }} />
        <NumberInput size="xs" label="What may be lost" description="A model that is worse by less than this may still go live." min={0} max={1} step={0.01} value={margin} onChange={setMargin} />
        <ErrorNotice error={save.error} />
        <Button size="xs" type="submit" loading={save.isPending}>
          Decide by this
        </Button>
      </Stack>
    </form>
  );
}
