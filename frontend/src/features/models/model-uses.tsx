import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { addresses } from "@/lib/addresses";
import { TextLink } from "@/ui/link";
import { TimeAgo } from "@/ui/time-ago";
import classes from "./models.module.css";
import { usesQuery } from "./queries";

const WORDS: Record<string, string> = { PREDICT: "predicted in", TRAIN: "continued by", EVALUATE: "evaluated in" };

export function ModelUses({ project, model }: { project: string; model: string }) {
  const uses = useQuery(usesQuery(project, model)).data ?? [];
  return (
    <section aria-labelledby="uses">
      <h2 className={classes.title} id="uses">
        Where it is used
      </h2>
      {uses.length === 0 && (
        <Text size="sm" c="dimmed">
          Nowhere yet.
        </Text>
      )}
      <dl className={classes.facts}>
        {uses.slice(0, 12).map((job) => (
          <div key={job.id} style={{ display: "contents" }}>
            <dt>{WORDS[job.kind] ?? job.kind}</dt>
            <dd>
              <TextLink to={addresses.job(project, job.id)} size="sm">
                {job.name || "a job"}
              </TextLink>{" "}
              <Text span size="xs" c="dimmed">
                <TimeAgo at={job.created_at} />
              </Text>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
