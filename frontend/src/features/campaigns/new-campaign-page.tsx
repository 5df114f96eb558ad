import { Button, Paper, Stack, Text, Title } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { datasetsQuery, facesQuery } from "@/api/datasets";
import { schemaQuery } from "@/api/schemas";
import { addresses } from "@/lib/addresses";
import { formatCount } from "@/lib/format";
import { KINDS } from "@/microtasks/types";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { toast } from "@/ui/toast";
import { useParam, useQueryValue } from "@/ui/use-address";
import { choicesOf } from "./class-limits";
import { EMPTY_PLAN, estimateOf, missingOf, suggestName, type Plan, type Source } from "./plan";
import { Preview } from "./preview";
import { makeCampaign } from "./make-campaign";
import { AnswersStep, KindStep, KnownStep, PlatformStep, SourceStep, WordsStep } from "./steps";
import classes from "./campaigns.module.css";

/** One page from a question to a link; everything has a sensible value before anything is touched. */
export function NewCampaignPage() {
  const project = useParam("projectId");
  const [plan, change, source] = usePlan(project);
  const image = useQuery({ ...facesQuery({ project, ...(plan.dataset !== null && { dataset: plan.dataset }) }, 1) }).data?.[0];
  const tree = useQuery(schemaQuery(project)).data?.classes ?? [];
  const labelClasses = choicesOf(tree, plan);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => makeCampaign(project, plan),
    onSuccess: async ({ campaign, made, problem }) => {
      await queries.invalidateQueries({ queryKey: ["campaigns"] });
      if (problem) toast.failed(problem, "The campaign is made, but not all of it");
      else toast.done(`${formatCount(made)} questions are cut. Look at them, then open the campaign.`);
      await navigate({ to: addresses.campaign(project, campaign.id) });
    },
  });
  const wanting = missingOf(plan, source);
  const { answersLow, answersHigh, hoursLow, hoursHigh } = estimateOf(plan);
  const steps: [string, ReactNode][] = [
    ["What is asked", <KindStep key="kind" plan={plan} tree={tree} onChange={change} />],
    ["What it is cut from", <SourceStep key="source" project={project} plan={plan} source={source} onChange={change} />],
    ["How many answers", <AnswersStep key="answers" plan={plan} onChange={change} />],
    ["Known answers: gold and practice", <KnownStep key="known" plan={plan} source={source} onChange={change} />],
    ["What workers read", <WordsStep key="words" plan={plan} onChange={change} />],
    ["Payment platform", <PlatformStep key="platform" plan={plan} onChange={change} />],
  ];
  return (
    <>
      <PageHeader
        above={
          <TextLink to={addresses.campaigns(project)} size="xs">
            Crowd
          </TextLink>
        }
        title="New campaign"
        subtitle="It begins as a draft: nobody sees it before you open it."
      />
      <div className={classes.wizard}>
        <div>
          {steps.map(([title, content], at) => (
            <section key={title} className={classes.step} aria-labelledby={`step-${at}`}>
              <Title order={2} size="h5" id={`step-${at}`} mb="sm">
                {at + 1}. {title}
              </Title>
              {content}
            </section>
          ))}
          <Paper withBorder p="md" component="section" aria-label="Summary">
            <Stack gap="sm">
              <Text size="sm" className="num">
                {formatCount(plan.limit)} questions, {formatCount(answersLow)}
                {answersHigh > answersLow && ` to ${formatCount(answersHigh)}`} answers: about {hours(hoursLow)}
                {answersHigh > answersLow && ` to ${hours(hoursHigh)}`} of all people together.
              </Text>
              {wanting.map((sentence) => (
                <Text key={sentence} size="sm" c="var(--cyto-wait)">
                  {sentence}
                </Text>
              ))}
              <ErrorNotice error={make.error} />
              <Button size="md" leftSection={<IconCheck size={18} aria-hidden />} disabled={wanting.length > 0} loading={make.isPending} onClick={() => make.mutate()}>
                Make the campaign
              </Button>
            </Stack>
          </Paper>
        </div>
        <aside className={classes.side}>
          <Preview plan={plan} image={image} labelClasses={labelClasses} />
        </aside>
      </div>
    </>
  );
}

const hours = (value: number): string => (value < 1 ? `${Math.max(1, Math.round(value * 60))} min` : `${value < 10 ? value.toFixed(1) : Math.round(value)} h`);

/** The half-filled form, begun from the address; what was not touched follows what the project has. */
function usePlan(project: string): [Plan, (change: Partial<Plan>) => void, Source | null] {
  const [askedDataset] = useQueryValue("dataset");
  const [askedImages] = useQueryValue("images");
  const [askedBranch] = useQueryValue("branch");
  const [askedBranches] = useQueryValue("branches");
  const [askedKind] = useQueryValue("kind");
  const [touched, setTouched] = useState<Partial<Plan>>(() => {
    const kind = KINDS.find((one) => one === askedKind);
    return { ...(askedBranches && { branches: askedBranches.split(",") }), ...(askedImages && { images: askedImages.split(",") }), ...(askedBranch && { branch: askedBranch }), ...(kind && { kind }), ...(askedDataset && { dataset: askedDataset }) };
  });
  const datasets = useQuery(datasetsQuery(project)).data ?? [];
  const dataset = touched.dataset ?? [...datasets].sort((a, b) => b.labelled_count - a.labelled_count)[0]?.id ?? null;
  const found = datasets.find((one) => one.id === dataset);
  const movie = useQuery({ ...facesQuery({ dataset: dataset ?? "" }, 1), enabled: dataset !== null }).data?.[0];
  const kind = touched.kind ?? EMPTY_PLAN.kind;
  const classCount = useQuery(schemaQuery(project)).data?.classes.filter(({ archived }) => !archived).length ?? null;
  const source = found ? { images: touched.branches?.length ?? touched.images?.length ?? found.image_count, classes: classCount, labelled: found.labelled_count, accepted: found.accepted_count, isMovie: movie === undefined || movie.size_t > 1 } : null;
  const known = source !== null && source.accepted > 0 ? {} : { gold: 0, training: 0 };
  const plan = { ...EMPTY_PLAN, ...known, name: suggestName(kind, found?.name), ...touched, dataset };
  return [plan, (change) => setTouched((now) => ({ ...now, ...change })), source];
}
