import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import classes from "./models.module.css";
import { pointsQuery } from "./queries";
import { scoreLabel } from "./score-words";

/** How the validation score grew: enough to see whether more time would have helped. */
export function ModelCurve({ job }: { job: string }) {
  const points = useQuery(pointsQuery(job)).data ?? [];
  const name = ["val_ap50", "val_dice", "val_macro_f1", "val_mean_r"].find((one) => points.some((point) => one in point.values));
  if (!name) return null;
  const seen = points.filter((point) => name in point.values);
  if (seen.length < 2) return null;
  const last = seen.at(-1)?.step ?? 1;
  const path = seen.map((point) => `${(point.step / last) * 100},${100 - (point.values[name] ?? 0) * 100}`).join(" ");
  return (
    <section aria-labelledby="curve">
      <h2 className={classes.title} id="curve">
        {scoreLabel(name.replace("val_", ""))} while it learned
      </h2>
      <svg className={classes.spark} viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`Validation score from ${seen[0]?.values[name]?.toFixed(2)} to ${seen.at(-1)?.values[name]?.toFixed(2)}`}>
        {[0, 25, 50, 75, 100].map((y) => (
          <line key={y} x1={0} x2={100} y1={y} y2={y} />
        ))}
        <polyline points={path} />
      </svg>
      <Text size="xs" c="dimmed" mt={4} className="num">
        0 to 1 over {last} steps, on the validation images
      </Text>
    </section>
  );
}
