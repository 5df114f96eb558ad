import { Button, NumberInput, SegmentedControl } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { plural } from "@/lib/format";
import { FormDialog } from "@/ui/form-dialog";
import { toast } from "@/ui/toast";
import { askRatings, type Ratings, type Task } from "./queries";
import { NO_SECOND, ratingsOf, SecondRaters } from "./second-raters";
import { useLabellers } from "./use-labellers";

interface SecondRatingProps {
  projectId: string;
  tasks: readonly Task[];
  onDone: () => void;
}

/** Has the selected tasks' images rated again, blind: by somebody else, or by the same person some days later. */
export function SecondRatingButton({ projectId, tasks, onDone }: SecondRatingProps) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="compact-sm" variant="default" disabled={tasks.length === 0} onClick={() => setOpened(true)}>
        Rate twice…
      </Button>
      {opened && <SecondRatingDialog projectId={projectId} tasks={tasks} onDone={onDone} onClose={() => setOpened(false)} />}
    </>
  );
}

const RATINGS: { value: Ratings["rating"]; label: string }[] = [
  { value: "SECOND", label: "By somebody else" },
  { value: "REPEAT", label: "By the same person again" },
];

function SecondRatingDialog({ projectId, tasks, onDone, onClose }: SecondRatingProps & { onClose: () => void }) {
  const labellers = useLabellers(projectId);
  const [rating, setRating] = useState<Ratings["rating"]>("SECOND");
  const [wish, setWish] = useState({ ...NO_SECOND, percent: 100 });
  const [days, setDays] = useState(14);
  const queries = useQueryClient();
  const ask = useMutation({
    mutationFn: () => askRatings(projectId, { ...ratingsOf(wish, tasks, rating === "SECOND" ? labellers : []), rating, after_days: days }),
    onSuccess: async (made) => {
      await Promise.all(["tasks", "ratings"].map((word) => queries.invalidateQueries({ queryKey: [word] })));
      toast.done(made.length === 0 ? "These images are rated twice already." : `${plural(made.length, "image")} of ${tasks.length} will be rated twice.`);
      onClose();
      onDone();
    },
  });
  return (
    <FormDialog title={`Rate ${plural(tasks.length, "image")} twice`} submit="Ask for ratings" busy={ask.isPending} error={ask.error} onSubmit={() => ask.mutate()} onClose={onClose}>
      <SegmentedControl fullWidth aria-label="Who rates again" data={RATINGS} value={rating} onChange={(value) => setRating(value)} />
      {rating === "SECOND" ? (
        <SecondRaters label="Share of the images" labellers={labellers} value={wish} onChange={setWish} />
      ) : (
        <>
          <NumberInput label="Share of the images" suffix=" %" min={0} max={100} clampBehavior="strict" value={wish.percent} onChange={(percent) => setWish({ ...wish, percent: Number(percent) || 0 })} />
          <NumberInput label="Days after handing in" description="Then the image comes to the same person once more, without the labels of the first time." min={0} max={3650} allowDecimal={false} value={days} onChange={(value) => setDays(Number(value) || 0)} />
        </>
      )}
    </FormDialog>
  );
}
