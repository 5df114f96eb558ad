import { Group, Skeleton, Stack, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { formatCount } from "@/lib/format";
import { KIND_NAMES } from "@/microtasks/words";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { StateBadge } from "@/ui/state-badge";
import { useParam, useQueryValue } from "@/ui/use-address";
import { CampaignActions } from "./campaign-actions";
import { ItemsPart } from "./items-part";
import { KnownPart } from "./known-part";
import { ProgressPart } from "./progress-part";
import { campaignQuery, resultsQuery, type Campaign, type Results } from "./queries";
import { RulesPart } from "./rules-part";
import { SharePart } from "./share-part";
import { StitchPart } from "./stitch-part";
import { STATE_WORDS } from "./words";
import { WorkersPart } from "./workers-part";

/** One campaign: how far it is, its link, questions, people, and what its answers become. */
export function CampaignPage() {
  const [project, id] = [useParam("projectId"), useParam("campaignId")];
  const campaign = useQuery(campaignQuery(id));
  const isLive = campaign.data?.state === "OPEN";
  const results = useQuery(resultsQuery(id, isLive));
  if (campaign.error) throw campaign.error;
  if (!campaign.data) return <Skeleton height={400} />;
  const { name, title, state, kinds, counts } = campaign.data;
  return (
    <>
      <PageHeader
        above={
          <TextLink to={addresses.campaigns(project)} size="xs">
            Crowd
          </TextLink>
        }
        title={name}
        subtitle={
          <Group gap="xs">
            <StateBadge tone={STATE_WORDS[state].tone} title={STATE_WORDS[state].sentence}>
              {STATE_WORDS[state].word}
            </StateBadge>
            <span className="num">
              {kinds.map((kind) => KIND_NAMES[kind]).join(", ") || "No questions yet"}, {formatCount(counts.items)} items{title && title !== name && `, shown as “${title}”`}
            </span>
          </Group>
        }
        actions={<CampaignActions project={project} campaign={campaign.data} />}
      />
      <ErrorNotice error={results.error} onRetry={() => void results.refetch()} />
      <Parts project={project} campaign={campaign.data} results={results.data} isLive={isLive} />
    </>
  );
}

const PARTS = ["progress", "questions", "workers", "results", "rules"] as const;

function Parts({ project, campaign, results, isLive }: { project: string; campaign: Campaign; results: Results | undefined; isLive: boolean }) {
  const [asked, choose] = useQueryValue("part");
  const part = PARTS.find((one) => one === asked) ?? "progress";
  const mayManage = useMay(project, "MANAGER");
  return (
    <Tabs value={part} onChange={(value) => choose(value === "progress" || value === null ? undefined : value)} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="progress">Progress</Tabs.Tab>
        <Tabs.Tab value="questions">Questions</Tabs.Tab>
        <Tabs.Tab value="workers">Workers</Tabs.Tab>
        <Tabs.Tab value="results">Results</Tabs.Tab>
        <Tabs.Tab value="rules">Rules</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="progress">
        <Stack gap="md">
          <ProgressPart campaign={campaign} results={results} />
          {mayManage && campaign.link !== null && <SharePart campaign={campaign} link={campaign.link} />}
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="questions">
        <Stack gap="md">
          {mayManage && <KnownPart project={project} campaign={campaign} />}
          <ItemsPart project={project} campaign={campaign} mayManage={mayManage} />
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="workers">
        <WorkersPart campaign={campaign} results={results} isLive={isLive} mayManage={mayManage} />
      </Tabs.Panel>
      <Tabs.Panel value="results">
        <StitchPart project={project} campaign={campaign} results={results} mayManage={mayManage} />
      </Tabs.Panel>
      <Tabs.Panel value="rules">
        <RulesPart campaign={campaign} mayManage={mayManage} />
      </Tabs.Panel>
    </Tabs>
  );
}
