import { Anchor, Collapse, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { addresses } from "@/lib/addresses";
import { formatBytes, formatDateTime, formatDuration } from "@/lib/format";
import { TextLink } from "@/ui/link";
import { logQuery, modelQuery, recipesQuery } from "../queries";
import type { Job } from "../types";
import classes from "./job.module.css";
import { tellSettings } from "./job-settings";
import { elapsed_s, isOver } from "./job-words";

export function JobFacts({ job }: { job: Job }) {
  const recipes = useQuery(recipesQuery).data ?? [];
  const settings = tellSettings(job, recipes);
  const spent = isOver(job.state) ? elapsed_s(job, 0) : null;
  return (
    <section aria-label="Facts">
      <dl className={classes.facts}>
        <Fact name="Recipe">{recipes.find((one) => one.name === job.recipe)?.title ?? job.recipe}</Fact>
        {job.minutes !== null && <Fact name="Time given">{formatDuration(job.minutes * 60)}</Fact>}
        {spent !== null && <Fact name="Time taken">{formatDuration(spent)}</Fact>}
        <Fact name="Started">{job.started_at ? formatDateTime(job.started_at) : "not yet"}</Fact>
        <Fact name="By">{job.created_by ?? "–"}</Fact>
        <Fact name="Seed">{job.seed}</Fact>
        {job.trained_model && (
          <Fact name="Model">
            <ModelLink project={job.project} id={job.trained_model} />
          </Fact>
        )}
        {job.init_from && (
          <Fact name="Continues">
            <ModelLink project={job.project} id={job.init_from} />
          </Fact>
        )}
        {job.link_model && (
          <Fact name="Linker">
            <ModelLink project={job.project} id={job.link_model} />
          </Fact>
        )}
        {job.retry_of && (
          <Fact name="Repeats">
            <TextLink to={addresses.job(job.project, job.retry_of)} size="sm">a job that ended early</TextLink>
          </Fact>
        )}
        {job.peak_memory_bytes !== null && <Fact name="Memory">{formatBytes(job.peak_memory_bytes)} at most</Fact>}
        {settings.length > 0 && <Fact name="Settings">{settings.join(" · ")}</Fact>}
      </dl>
      <Log job={job} />
    </section>
  );
}

function ModelLink({ project, id }: { project: string; id: string }) {
  const model = useQuery(modelQuery(id)).data;
  return <TextLink to={addresses.model(project, id)} size="sm">{model ? `${model.name} v${model.version}` : "a trained model"}</TextLink>;
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Log({ job }: { job: Job }) {
  const [opened, { toggle }] = useDisclosure(false);
  const log = useQuery({ ...logQuery(job.id), enabled: opened, refetchInterval: opened && !isOver(job.state) ? 5_000 : false });
  return (
    <div style={{ marginTop: 14 }}>
      <Anchor component="button" type="button" size="sm" aria-expanded={opened} onClick={toggle}>
        {opened ? "Hide the log" : "Log"}
      </Anchor>
      <Collapse expanded={opened}>
        {log.data?.text ? (
          <pre className={classes.log} tabIndex={0} aria-label="Log">
            {log.data.text}
          </pre>
        ) : (
          <Text size="sm" c="dimmed" mt={6}>
            {log.isFetching ? "Reading …" : "Nothing was printed."}
          </Text>
        )}
      </Collapse>
    </div>
  );
}
