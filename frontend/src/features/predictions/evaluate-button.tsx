import { Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { addresses } from "@/lib/addresses";
import { evaluatePrediction, type Prediction } from "./queries";

/** Scores one prediction against the newest accepted labels of its image, and shows the result where it can be read. */
export function EvaluateButton({ project, prediction, model }: { project: string; prediction: Prediction; model: string }) {
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => evaluatePrediction(prediction.id),
    onSuccess: (made) => void navigate({ to: `${addresses.model(project, model)}?evaluation=${made.id}` }),
  });
  return (
    <span onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()} role="presentation">
      <Button size="compact-xs" variant="default" loading={make.isPending} onClick={() => make.mutate()} aria-label={`Evaluate the prediction of ${prediction.image_name}`}>
        Evaluate
      </Button>
      {make.error && (
        <Text size="xs" c="bad" role="alert">
          {make.error.message}
        </Text>
      )}
    </span>
  );
}
