import { Alert, Button, Group, Skeleton, Text } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { tellSetting, type Recipe } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { formatDuration } from "@/lib/format";
import { DataTable, type Column } from "@/ui/data-table";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { ProgressLine } from "@/ui/progress-line";
import { StateBadge } from "@/ui/state-badge";
import { Truncated } from "@/ui/truncated";
import { Retry } from "../job/job-actions";
import { STATE_WORDS } from "../job/job-words";
import { recipesQuery } from "../queries";
import type { SettingValue } from "../types";
import { fieldsOf } from "@/ui/setting-fields";
import { isSearchOver, searchQuery, stopSearch } from "./queries";
import { ImportanceBars, ParallelPlot, ScoreOverTime } from "./search-plots";
import classes from "./search.module.css";
import { differences, scoreOf, scoreWords, TRIAL_WORDS } from "./trials";
import type { Search, Trial } from "./types";

/** A search of settings while it runs and after: plots, then every trial. */
export function SearchPage({ id }: { id: string }) {
  const query = useQuery(searchQuery(id));
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={320} />;
  return <SearchView search={query.data} />;
}

function SearchView({ search }: { search: Search }) {
  const recipe = useQuery(recipesQuery).data?.find((one) => one.name === search.recipe);
  const titles = Object.fromEntries((recipe ? fieldsOf(recipe) : []).map((field) => [field.name, field.title]));
  const defaults = Object.fromEntries((recipe ? fieldsOf(recipe) : []).map((field) => [field.name, field.default]));
  const { tone, word } = STATE_WORDS[search.state];
  return (
    <>
      <PageHeader
        title={search.name}
        above={
          <TextLink to={addresses.training(search.project)} size="xs" c="dimmed">
            Training
          </TextLink>
        }
        subtitle={
          <Group gap="sm">
            <StateBadge tone={tone}>{word}</StateBadge>
            Search of settings, {recipe?.title ?? search.recipe}
          </Group>
        }
        actions={<Actions search={search} defaults={defaults} />}
      />
      {!isSearchOver(search) && (
        <ProgressLine label={search.message || "Waiting for a worker"} fraction={search.state === "QUEUED" ? null : search.fraction} secondsLeft={search.eta_s}>
          {search.state === "QUEUED" ? "Waiting for a worker to take it up" : search.message}
        </ProgressLine>
      )}
      {search.state === "FAILED" && (
        <Alert role="alert" color="bad" variant="light" title="This search failed">
          {search.error}
        </Alert>
      )}
      <Outcome search={search} recipe={recipe} />
      {search.trials.length > 0 ? (
        <>
          <div className={classes.columns}>
            <ScoreOverTime search={search} />
            <div>
              <ImportanceBars search={search} titles={titles} />
              <ParallelPlot search={search} titles={titles} />
            </div>
          </div>
          <DataTable label="Trials" columns={columnsOf(search, recipe)} rows={search.trials} rowKey={(trial) => String(trial.number)} rowLabel={(trial) => `Trial ${trial.number + 1}`} />
        </>
      ) : (
        <Text size="sm" c="dimmed" mt="md">
          Trials appear here as they begin. The first is always the default settings.
        </Text>
      )}
    </>
  );
}

/** The winner beside the default, on the images that chose it and on those that did not. */
function Outcome({ search, recipe }: { search: Search; recipe: Recipe | undefined }) {
  const best = search.trials.find((trial) => trial.number === search.best);
  const first = search.trials[0];
  if (!best || best.score === null || !first) return null;
  const { best: mine, default: its, held } = search.confirmed;
  const tries = tell(recipe, differences(search, best));
  return (
    <Text size="sm" mt="sm" className="num">
      {best.number === 0 ? "Nothing was better than the default settings." : `Best: ${tries.join(", ")}.`} {scoreWords(search.score)} {best.score.toFixed(3)} on the validation images; the default reached {first.score?.toFixed(3) ?? "–"}.
      {typeof mine === "number" && typeof its === "number" && ` On the test images, which chose nothing: ${mine.toFixed(3)} against ${its.toFixed(3)}${held ? "" : ", so the gain did not hold there"}.`}
    </Text>
  );
}

function Actions({ search, defaults }: { search: Search; defaults: Record<string, SettingValue> }) {
  const queries = useQueryClient();
  const stop = useMutation({ mutationFn: () => stopSearch(search.id), onSuccess: (stopped) => queries.setQueryData(searchQuery(search.id).queryKey, stopped) });
  const best = search.trials.find((trial) => trial.number === search.best);
  const changed = Object.fromEntries(differences({ base: defaults }, { settings: { ...search.base, ...best?.settings } }));
  return (
    <>
      <ErrorNotice error={stop.error} />
      {!isSearchOver(search) && (
        <Button variant="default" leftSection={<IconPlayerStop size={16} />} disabled={search.stop_asked} loading={stop.isPending} onClick={() => stop.mutate()}>
          {search.stop_asked ? "Stopping" : "Stop and keep the best"}
        </Button>
      )}
      {(search.state === "FAILED" || search.state === "CANCELLED") && <Retry project={search.project} job={search.job} />}
      {best && (
        <ButtonLink variant="default" to={addresses.newTraining(search.project)} search={{ recipe: search.recipe, settings: JSON.stringify(changed) }}>
          Use these settings
        </ButtonLink>
      )}
      {search.result && <ButtonLink to={addresses.model(search.project, search.result)}>Open the best model</ButtonLink>}
    </>
  );
}

/** "Loss: every cell alike" of each setting that differs. */
const tell = (recipe: Recipe | undefined, differing: readonly [string, SettingValue][]): string[] =>
  differing.map(([name, value]) => {
    const { title, said } = tellSetting(recipe, name, value);
    return `${title}: ${typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(3)) : said}`;
  });

function columnsOf(search: Search, recipe: Recipe | undefined): readonly Column<Trial>[] {
  const tried = (trial: Trial) => (trial.number === 0 ? "the default" : tell(recipe, differences(search, trial)).join(" · "));
  return [
    { key: "number", title: "Trial", width: "4.5rem", sortBy: (trial) => trial.number, cell: (trial) => `${trial.number + 1}${trial.number === search.best ? " ★" : ""}` },
    { key: "state", title: "State", width: "7rem", sortBy: (trial) => trial.state, cell: (trial) => <StateBadge tone={TRIAL_WORDS[trial.state].tone}>{TRIAL_WORDS[trial.state].word}</StateBadge> },
    { key: "settings", title: "Differs from the default", cell: (trial) => <Truncated>{trial.error || tried(trial)}</Truncated>, wideOnly: true },
    { key: "score", title: "Score", width: "5rem", align: "right", sortBy: scoreOf, cell: (trial) => scoreOf(trial)?.toFixed(3) ?? "–" },
    { key: "time", title: "Time", width: "5rem", align: "right", sortBy: (trial) => trial.spent_s, cell: (trial) => formatDuration(search.counts_cpu ? trial.spent_cpu_s : trial.spent_s) },
  ];
}
