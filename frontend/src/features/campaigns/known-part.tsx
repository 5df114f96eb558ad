import { Button, Group, NumberInput, Select, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { datasetsQuery } from "@/api/datasets";
import { formatCount, plural } from "@/lib/format";
import { KINDS, type Kind } from "@/microtasks/types";
import { KIND_NAMES } from "@/microtasks/words";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { addGold, cut, type Campaign, type GoldUse } from "./queries";
import { useCampaignChange } from "./use-campaign-change";

type What = "WORK" | GoldUse;

/** More questions, gold or practice pictures, at any time. */
export function KnownPart({ project, campaign }: { project: string; campaign: Campaign }) {
  const datasets = useQuery(datasetsQuery(project)).data ?? [];
  const [what, setWhat] = useState<What>("GOLD");
  const [dataset, setDataset] = useState<string | null>(null);
  const [kind, setKind] = useState<Kind>(campaign.kinds[0] ?? "CELL");
  const [limit, setLimit] = useState(20);
  const chosen = dataset ?? [...datasets].sort((a, b) => b.accepted_count - a.accepted_count)[0]?.id ?? null;
  const add = useCampaignChange(
    () => {
      const wish = { kind, dataset: chosen ?? undefined, limit, ...(what !== "WORK" && { order: "RANDOM" as const }) };
      return what === "WORK" ? cut(campaign.id, wish) : addGold(campaign.id, what, wish);
    },
    ({ made, known, images }) => toast.done(made === 0 && known === 0 ? "Nothing was found for this." : `${plural(made, "item")} of ${plural(images, "image")} added${known > 0 ? `, ${formatCount(known)} were there already` : ""}.`),
  );
  return (
    <Panel title="Add" lead="Questions of any kind, and known answers from accepted labels, at any time.">
      <Stack gap="sm">
        <Group gap="sm" align="flex-end">
          <SegmentedControl
            aria-label="What is added"
            value={what}
            onChange={(value) => setWhat(value)}
            data={[
              { value: "GOLD", label: "Gold" },
              { value: "TRAINING", label: "Practice" },
              { value: "WORK", label: "Questions" },
            ]}
          />
          <Select label="Kind" w={170} allowDeselect={false} value={kind} onChange={(value) => setKind(value ?? kind)} data={KINDS.map((value) => ({ value, label: KIND_NAMES[value] }))} />
          <Select
            label="From"
            flex="1 1 12rem"
            allowDeselect={false}
            value={chosen}
            onChange={setDataset}
            data={datasets.map((one) => ({ value: one.id, label: `${one.name} (${what === "WORK" ? `${one.labelled_count} labelled` : `${one.accepted_count} accepted`})` }))}
          />
          <NumberInput label="At most" w={90} min={1} max={20_000} value={limit} onChange={(value) => setLimit(Math.max(1, Number(value) || 1))} />
          <Button disabled={chosen === null} loading={add.isPending} onClick={() => add.mutate(undefined)}>
            Add
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          Gold looks like every other question and tells how reliable a person is. Practice pictures come first and show the answer. One question can also be made gold below, with what the crowd says or with your own answer.
        </Text>
        <ErrorNotice error={add.error} />
      </Stack>
    </Panel>
  );
}
