import { Autocomplete, Checkbox, Collapse, Group, NumberInput, SegmentedControl, Select, Slider, Stack, Switch, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "@/api/datasets";
import type { TreeClass } from "@/api/schemas";
import { plural } from "@/lib/format";
import { HowToPicture } from "@/microtasks/how-to-picture";
import { KINDS } from "@/microtasks/types";
import { KIND_NAMES, KIND_SENTENCES } from "@/microtasks/words";
import { keyOf, limitsOf } from "./class-limits";
import { cutsTiles, needsLabels, type Plan, type Source } from "./plan";
import { sharePercent } from "./words";
import classes from "./campaigns.module.css";

export interface StepProps {
  plan: Plan;
  onChange: (change: Partial<Plan>) => void;
}

const SURE = [0.95, 0.9, 0.8, 0.7, 0.5];

const whole = (value: string | number, least: number): number => Math.max(least, Math.round(Number(value) || least));

export function KindStep({ plan, tree, onChange }: StepProps & { tree: readonly TreeClass[] }) {
  return (
    <>
      <Kinds plan={plan} onChange={onChange} />
      {plan.kind === "CLASS" && <ClassChoices plan={plan} tree={tree} onChange={onChange} />}
    </>
  );
}

/** Classes that lie in a tree are asked about one level at a time: finer and coarser ones side by side are no choice. */
function ClassChoices({ plan, tree, onChange }: StepProps & { tree: readonly TreeClass[] }) {
  const options = limitsOf(tree);
  if (options.length < 2) return null;
  return (
    <Select
      mt="md"
      maw={560}
      label="Which classes are named"
      description="A cell that is known to be of a finer class counts as the named class above it. The answer takes the place only of classes that it excludes."
      allowDeselect={false}
      value={keyOf(plan)}
      onChange={(value) => onChange(options.find((one) => one.value === value)?.limit ?? {})}
      data={options.map(({ value, label }) => ({ value, label }))}
    />
  );
}

function Kinds({ plan, onChange }: StepProps) {
  return (
    <div className={classes.kinds} role="radiogroup" aria-label="Kind of question">
      {KINDS.map((kind) => (
        <UnstyledButton key={kind} role="radio" aria-checked={plan.kind === kind} className={classes.kind} onClick={() => onChange({ kind })}>
          <HowToPicture kind={kind} />
          <Text fw={600} size="sm" mt={6}>
            {KIND_NAMES[kind]}
          </Text>
          <Text size="xs" c="dimmed">
            {KIND_SENTENCES[kind]}
          </Text>
        </UnstyledButton>
      ))}
    </div>
  );
}

export function SourceStep({ project, plan, source, onChange }: StepProps & { project: string; source: Source | null }) {
  const datasets = useQuery(datasetsQuery(project)).data ?? [];
  const tiles = cutsTiles(plan);
  return (
    <Stack gap="sm" maw={560}>
      {plan.branches.length > 0 ? (
        <Text size="sm">Proposals of models for {plural(plan.branches.length, "image")}, the least sure first. Answers become a draft of their own, which an expert reviews: cells that the crowd refused are left out, those that it confirmed count as sure.</Text>
      ) : plan.images.length > 0 ? (
        <Text size="sm">{plural(plan.images.length, "chosen image")}</Text>
      ) : (
        <Select
          label="Dataset"
          placeholder="Choose a dataset"
          allowDeselect={false}
          value={plan.dataset}
          onChange={(dataset) => onChange({ dataset })}
          data={datasets.map((one) => ({ value: one.id, label: `${one.name} (${plural(one.image_count, "image")}, ${one.labelled_count} labelled, ${one.accepted_count} accepted)` }))}
        />
      )}
      {plan.kind === "OUTLINE" && (
        <SegmentedControl
          aria-label="What is outlined"
          value={plan.perCell ? "cell" : "tile"}
          onChange={(value) => onChange({ perCell: value === "cell" })}
          data={[
            { value: "cell", label: "One cell at a time" },
            { value: "tile", label: "All cells of a tile" },
          ]}
        />
      )}
      {needsLabels(plan) && plan.branches.length === 0 && <Autocomplete label="Labels" description="By the name of a branch, for example a model's proposals. Empty: the current labels of each image." placeholder="current labels" value={plan.branch} onChange={(branch) => onChange({ branch })} />}
      <Group grow align="flex-start">
        <NumberInput label="Questions at most" min={1} max={20_000} value={plan.limit} onChange={(value) => onChange({ limit: whole(value, 1) })} />
        {tiles ? (
          <NumberInput label="Edge of a tile, px" min={32} max={512} step={32} value={plan.tile_px} onChange={(value) => onChange({ tile_px: Math.min(512, whole(value, 32)) })} />
        ) : (
          <Select
            label="Which first"
            allowDeselect={false}
            value={plan.order}
            onChange={(order) => onChange({ order: order === "RANDOM" ? "RANDOM" : "LEAST_SURE" })}
            data={[
              { value: "LEAST_SURE", label: "Where the model is least sure" },
              { value: "RANDOM", label: "By chance" },
            ]}
          />
        )}
      </Group>
      {!tiles && (
        <Select
          label="Leave out what the model is sure of"
          description={plan.below === null ? undefined : "What people drew has no such number, and is left out too."}
          allowDeselect={false}
          value={String(plan.below ?? "")}
          onChange={(value) => onChange({ below: value ? Number(value) : null })}
          data={[{ value: "", label: "Leave out nothing" }, ...SURE.map((sure) => ({ value: String(sure), label: `Surer than ${sharePercent(sure)}` }))]}
        />
      )}
      {source && source.labelled === 0 && tiles && (
        <Text size="xs" c="dimmed">
          Nothing is labelled here yet, and nothing needs to be.
        </Text>
      )}
    </Stack>
  );
}

export function AnswersStep({ plan, onChange }: StepProps) {
  return (
    <Stack gap="sm" maw={560}>
      <Switch checked={plan.adaptive} onChange={(event) => onChange({ adaptive: event.currentTarget.checked })} label="Stop asking when sure" description="Easy questions get few answers, hard ones more: about 30 % fewer answers for the same quality." />
      <Group grow align="flex-start">
        <NumberInput label={plan.adaptive ? "Answers at least" : "Answers to each question"} min={1} max={99} value={plan.answersMin} onChange={(value) => onChange({ answersMin: Math.min(99, whole(value, 1)) })} />
        {plan.adaptive && <NumberInput label="Answers at most" min={plan.answersMin} max={99} value={plan.answersMax} onChange={(value) => onChange({ answersMax: Math.min(99, whole(value, 1)) })} />}
      </Group>
      <NumberInput label="Questions for each person, at most" description="Empty: as many as they like." min={1} value={plan.itemsPerWorker ?? ""} onChange={(value) => onChange({ itemsPerWorker: value === "" ? null : whole(value, 1) })} />
    </Stack>
  );
}

export function KnownStep({ plan, source, onChange }: StepProps & { source: Source | null }) {
  const none = source !== null && source.accepted === 0;
  return (
    <Stack gap="sm" maw={560}>
      {none && (
        <Text size="sm" c="dimmed">
          Known answers come from accepted labels; there are none in this dataset yet. You can add them at any time later.
        </Text>
      )}
      <Group grow align="flex-start">
        <NumberInput label="Practice pictures" description="Shown first, with the answer drawn on the picture." min={0} max={100} disabled={none} value={plan.training} onChange={(value) => onChange({ training: whole(value, 0) })} />
        <NumberInput label="Gold questions" description="Mixed in unseen, to know how reliable each person is." min={0} max={5000} disabled={none} value={plan.gold} onChange={(value) => onChange({ gold: whole(value, 0) })} />
      </Group>
      <Collapse expanded={plan.training > 0}>
        <Text size="sm" id="pass-mark">
          To pass the practice: {sharePercent(plan.passMark)}
        </Text>
        <Slider aria-labelledby="pass-mark" thumbLabel="To pass the practice" min={0} max={1} step={0.05} value={plan.passMark} onChange={(passMark) => onChange({ passMark })} label={sharePercent} />
      </Collapse>
      <Collapse expanded={plan.gold > 0}>
        <Text size="sm" id="gold-share">
          Gold among all questions: {sharePercent(plan.goldShare)}
        </Text>
        <Slider aria-labelledby="gold-share" thumbLabel="Gold among all questions" min={0} max={0.5} step={0.05} value={plan.goldShare} onChange={(goldShare) => onChange({ goldShare })} label={sharePercent} />
        <Checkbox mt="sm" checked={plan.feedbackOnGold} onChange={(event) => onChange({ feedbackOnGold: event.currentTarget.checked })} label="Show people how they did on gold questions" />
      </Collapse>
    </Stack>
  );
}

export function WordsStep({ plan, onChange }: StepProps) {
  return (
    <Stack gap="sm" maw={560}>
      <TextInput label="Name" description="For your team." required maxLength={200} value={plan.name} onChange={(event) => onChange({ name: event.currentTarget.value })} />
      <TextInput label="Title" description="What workers read above all." placeholder={plan.name} maxLength={200} value={plan.title} onChange={(event) => onChange({ title: event.currentTarget.value })} />
      <Textarea label="Instruction" description="What is a cell here, and what is not? Each question has a short how-to of its own already." autosize minRows={2} maxLength={20_000} value={plan.instruction} onChange={(event) => onChange({ instruction: event.currentTarget.value })} />
      <Textarea label="Consent" description="What people agree to before they begin." autosize minRows={4} maxLength={20_000} value={plan.consent} onChange={(event) => onChange({ consent: event.currentTarget.value })} />
      <Switch checked={plan.leaderboard} onChange={(event) => onChange({ leaderboard: event.currentTarget.checked })} label="Show who answered most, under made-up names" />
    </Stack>
  );
}

export function PlatformStep({ plan, onChange }: StepProps) {
  return (
    <Stack gap="sm" maw={560}>
      <Text size="sm" c="dimmed">
        Only if people come from a paid platform: they get a completion code at the end and are led back. The platform&apos;s own number of a worker, added to the link as ?worker=…, is kept as a salted hash alone.
      </Text>
      <TextInput label="Completion code" description="Empty: everybody gets an own one, which tells forgeries." maxLength={100} value={plan.completionCode} onChange={(event) => onChange({ completionCode: event.currentTarget.value })} />
      <TextInput label="Address to return to" description="{code} is replaced by the code." placeholder="https://…" maxLength={1000} value={plan.redirectUrl} onChange={(event) => onChange({ redirectUrl: event.currentTarget.value })} />
    </Stack>
  );
}
