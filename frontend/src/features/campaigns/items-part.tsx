import { Button, Group, Modal, Pagination, SegmentedControl, Select, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { classesQuery } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount, plural } from "@/lib/format";
import { choiceIn } from "@/microtasks/compare";
import { KIND_NAMES } from "@/microtasks/words";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";
import { ItemCrop, valueOf } from "./item-crop";
import { tally } from "./overlay";
import { itemAnswersQuery, itemsQuery, tellTruth, type Campaign, type GoldUse, type Item } from "./queries";
import { useCampaignChange } from "./use-campaign-change";
import { sharePercent } from "./words";
import classes from "./campaigns.module.css";

const PAGE = 24;
const ORDERS = [
  { value: "ambiguity", label: "Most disputed first" },
  { value: "certainty", label: "Least certain first" },
  { value: "", label: "As they are asked" },
];

/** The questions as pictures, the most disputed ones first. */
export function ItemsPart({ project, campaign, mayManage }: { project: string; campaign: Campaign; mayManage: boolean }) {
  const [use, setUse] = useState<Item["use"]>("WORK");
  const [order, setOrder] = useState("ambiguity");
  const [page, setPage] = useState(1);
  const [opened, open] = useState<Item | null>(null);
  const filter = { use, limit: PAGE, offset: (page - 1) * PAGE, ...(order && { order: order as "ambiguity" | "certainty" }) };
  const items = useQuery(itemsQuery(campaign.id, filter));
  const pages = Math.ceil((items.data?.count ?? 0) / PAGE);
  return (
    <Panel
      title="Questions"
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Which"
            value={use}
            onChange={(value) => {
              setUse(value);
              setPage(1);
            }}
            data={[
              { value: "WORK", label: "Open questions" },
              { value: "GOLD", label: "Gold" },
              { value: "TRAINING", label: "Practice" },
            ]}
          />
          <Select size="xs" w={180} aria-label="Order" allowDeselect={false} value={order} onChange={(value) => setOrder(value ?? "")} data={ORDERS} />
        </>
      }
    >
      <ErrorNotice error={items.error} onRetry={() => void items.refetch()} />
      {items.isPending && <Skeleton height={180} />}
      {items.data?.count === 0 && <EmptyState title="None yet">{use === "WORK" ? "Add questions above." : "Add some from accepted labels above, or make a question gold once the crowd has answered it."}</EmptyState>}
      <div className={classes.items}>
        {items.data?.results.map((item) => (
          <UnstyledButton key={item.id} className={classes.item} onClick={() => open(item)} aria-label={`${KIND_NAMES[item.kind]} ${item.image_name}, ${plural(item.answered, "answer")}`}>
            <ItemCrop campaign={campaign.id} item={item} />
            <span className={classes.caption}>
              <span className="num">
                {formatCount(item.answered)}
                {item.use === "WORK" && ` of ${item.wanted}`}
              </span>
              <span className="num" title="Certainty">
                {sharePercent(item.certainty)}
              </span>
            </span>
          </UnstyledButton>
        ))}
      </div>
      {pages > 1 && <Pagination mt="md" size="sm" total={pages} value={page} onChange={setPage} getControlProps={(control) => ({ "aria-label": `${control} page` })} />}
      <Modal opened={opened !== null} onClose={() => open(null)} title={opened && `${KIND_NAMES[opened.kind]} ${opened.image_name}`} size="lg" closeButtonProps={{ "aria-label": "Close" }}>
        {opened && <ItemDetail project={project} campaign={campaign} item={opened} mayManage={mayManage} onDone={() => open(null)} />}
      </Modal>
    </Panel>
  );
}

/** All answers to one question laid over each other: where people disagree is bright. */
function ItemDetail({ project, campaign, item, mayManage, onDone }: { project: string; campaign: Campaign; item: Item; mayManage: boolean; onDone: () => void }) {
  const answers = useQuery(itemAnswersQuery(campaign.id, item.id));
  const labelClasses = useQuery(classesQuery(project)).data ?? [];
  const values = (answers.data ?? []).filter((one) => one.counts).map((one) => valueOf(one.value)).filter((value) => value !== null);
  const ends = item.to_t === null ? [0] : [0, 1];
  const said = valueOf(item.consensus);
  const nameOf = (choice: string) => labelClasses.find((one) => one.id === choice)?.name ?? choice;
  const isDrawn = item.kind === "OUTLINE" || item.kind === "FIX" || item.kind === "CENTRES";
  return (
    <Stack gap="sm">
      <Group grow align="flex-start">
        {ends.map((end) => (
          <ItemCrop key={end} campaign={campaign.id} item={item} end={end} answers={isDrawn ? values : undefined} large />
        ))}
      </Group>
      <ErrorNotice error={answers.error} />
      <Text size="sm" className="num">
        {plural(item.answered, "answer")}, certainty {sharePercent(item.certainty)}, agreement {sharePercent(item.agreement)}, ambiguity {sharePercent(item.ambiguity)}.
        {isDrawn && values.length > 1 && " Orange: where answers differ; green: what they say together."}
      </Text>
      {!isDrawn && values.length > 0 && (
        <Text size="sm">
          {tally(values)
            .map(({ choice, count }) => `${nameOf(choice)}: ${count}`)
            .join(", ")}
          {said && `. Together: ${nameOf(choiceIn(said))}`}
        </Text>
      )}
      <Group gap="xs">
        <ButtonLink variant="default" to={addresses.annotate(project, item.image, { t: item.t, z: item.z, ...(item.branch && { branch: item.branch }), ...(item.cell !== null && { cell: item.cell }) })}>
          Open in the editor
        </ButtonLink>
        {mayManage && item.use === "WORK" && said !== null && <MakeGold campaign={campaign.id} item={item} onDone={onDone} />}
      </Group>
    </Stack>
  );
}

function MakeGold({ campaign, item, onDone }: { campaign: string; item: Item; onDone: () => void }) {
  const make = useCampaignChange(
    (use: GoldUse) => tellTruth(campaign, use, item.id, null),
    () => {
      toast.done("From now on its answer is known.");
      onDone();
    },
  );
  return (
    <>
      <Button variant="default" loading={make.isPending} onClick={() => make.mutate("GOLD", { onError: (error) => toast.failed(error) })}>
        Make gold of it
      </Button>
      <Button variant="default" loading={make.isPending} onClick={() => make.mutate("TRAINING", { onError: (error) => toast.failed(error) })}>
        Use for practice
      </Button>
    </>
  );
}
