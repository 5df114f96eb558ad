import { useQuery } from "@tanstack/react-query";
import { StateBadge } from "@/ui/state-badge";
import { useBench } from "../bench/bench-context";
import { changesQuery, taskQuery } from "../queries";
import classes from "../side/side.module.css";
import { ChangesTab } from "./changes-tab";

/** What this task has changed so far as it was last handed in, seen by the one who works on it. */
export function ReviewTab() {
  const { task } = useBench();
  if (!task) return <p className={classes.hint}>Review belongs to tasks. Open this image from the task list, and what you changed is listed here once it was handed in.</p>;
  return <TaskReview id={task} />;
}

function TaskReview({ id }: { id: string }) {
  const task = useQuery(taskQuery(id)).data;
  const submitted = task?.submitted_number ?? null;
  const changes = useQuery({ ...changesQuery(id, submitted), enabled: submitted !== null });
  if (task && submitted === null) return <p className={classes.hint}>Not handed in yet. When everything is labelled, Submit sends it to a reviewer; what you changed is then listed here.</p>;
  return (
    <>
      {task?.state === "RETURNED" && (
        <div className={classes.bar}>
          <StateBadge tone="bad">returned</StateBadge>
          <span className={classes.small}>The reviewer’s notes are on the Notes tab.</span>
        </div>
      )}
      <ChangesTab changes={changes.data} error={changes.error} onRetry={() => void changes.refetch()} />
    </>
  );
}
