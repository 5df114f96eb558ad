import { Group, Slider, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { pictureAddress, picturesQuery } from "../queries";
import type { Picture } from "../types";
import classes from "./job.module.css";

/** What the model answers on validation images as it learns; the slider goes back in the run, and otherwise follows it. */
export function ExamplePictures({ job, over }: { job: string; over: boolean }) {
  const pictures = useQuery({ ...picturesQuery(job), refetchInterval: over ? false : 8_000 }).data ?? [];
  const [chosen, setChosen] = useState<number | null>(null);
  const steps = [...new Set(pictures.map((picture) => picture.step))].sort((a, b) => a - b);
  if (steps.length === 0) return over ? null : <Text size="sm" c="dimmed">Example predictions appear here after the first validation.</Text>;
  const at = chosen === null ? steps.length - 1 : Math.min(chosen, steps.length - 1);
  return (
    <section aria-label="Example predictions">
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          Example predictions
        </Text>
        <Text size="xs" c="dimmed" className="num">
          step {steps[at]}
        </Text>
      </Group>
      {steps.length > 1 && (
        <Slider mb="sm" size="xs" aria-label="Step" min={0} max={steps.length - 1} label={(index) => steps[index]} value={at} onChange={(index) => setChosen(index === steps.length - 1 ? null : index)} />
      )}
      <div className={classes.pictures}>
        {pictures.filter((picture) => picture.step === steps[at]).map((picture) => (
          <Example key={picture.name} job={job} picture={picture} />
        ))}
      </div>
    </section>
  );
}

function Example({ job, picture }: { job: string; picture: Picture }) {
  return (
    <figure>
      <a href={pictureAddress(job, picture.name)} target="_blank" rel="noreferrer">
        <img src={pictureAddress(job, picture.name)} alt={picture.caption || picture.name} loading="lazy" />
      </a>
      <figcaption>{picture.caption}</figcaption>
    </figure>
  );
}
