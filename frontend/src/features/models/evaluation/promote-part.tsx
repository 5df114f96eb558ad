import { Button, Group, Modal, Skeleton, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isApiError } from "@/api/errors";
import { useRecipeTitles } from "@/api/recipes";
import { addresses } from "@/lib/addresses";
import { formatDateTime } from "@/lib/format";
import { ErrorNotice } from "@/ui/error-notice";
import { TextLink } from "@/ui/link";
import { StateBadge } from "@/ui/state-badge";
import type { TrainedModelDetail } from "../types";
import { DifferenceBar } from "./difference-bar";
import classes from "./evaluation.module.css";
import { PromotionRulePart } from "./promotion-rule";
import { gateQuery, promote, promotionsQuery, type Promotion, type Verdict } from "./queries";
import { scoreWords } from "./words";

/** Which model is live for this recipe, and whether this one may take its place. */
export function PromotePart({ model }: { model: TrainedModelDetail }) {
  const gate = useQuery(gateQuery(model.id));
  const promotions = useQuery(promotionsQuery(model.project));
  const live = promotions.data?.find((one) => one.recipe === model.recipe);
  const untested = isApiError(gate.error, "no_test_images");
  return (
    <section aria-labelledby="promotion">
      <h2 className={classes.title} id="promotion">
        Promotion
      </h2>
      {untested && (
        <Text size="sm" c="dimmed">
          {gate.error?.message}
        </Text>
      )}
      <ErrorNotice error={(untested ? null : gate.error) ?? promotions.error} onRetry={() => void Promise.all([gate.refetch(), promotions.refetch()])} />
      {(gate.isPending || promotions.isPending) && <Skeleton height={72} />}
      <PromotionRulePart project={model.project} recipe={model.recipe} />
      {live && <Live live={live} model={model} />}
      {gate.data && gate.data.code !== "IS_PRESENT" && <Gate verdict={gate.data} model={model} />}
    </section>
  );
}

function Live({ live, model }: { live: Promotion; model: TrainedModelDetail }) {
  const isThis = live.trained_model === model.id;
  const titleOf = useRecipeTitles();
  return (
    <Text size="sm" mb={8} component="div">
      <Group gap={8} wrap="nowrap" align="baseline">
        <StateBadge tone={isThis ? "good" : "quiet"}>{isThis ? "Live" : "Not live"}</StateBadge>
        <span className={classes.sentence}>
          {isThis ? "This model is the live one" : <TextLink to={addresses.model(model.project, live.trained_model)} size="sm">{live.trained_model_name}</TextLink>}
          {isThis ? "" : " is the live one"} for {titleOf(live.recipe)}, since {formatDateTime(live.promoted_at)}
          {live.promoted_by && ` by ${live.promoted_by}`}.{live.reason && ` The gate was overruled: “${live.reason}”`}
        </span>
      </Group>
    </Text>
  );
}

function Gate({ verdict, model }: { verdict: Verdict; model: TrainedModelDetail }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Text size="sm" className={classes.sentence}>
        {verdict.sentence}
      </Text>
      {verdict.difference && (
        <div className={classes.verdict}>
          <DifferenceBar difference={verdict.difference} label={`${scoreWords(verdict.score)}, this less the live one`} />
        </div>
      )}
      {verdict.left_out > 0 && (
        <Text size="xs" c="dimmed">
          {verdict.left_out} left out: a model learned from them, or they were scored against other labels.
        </Text>
      )}
      <Button mt="xs" size="xs" variant={verdict.may_pass ? "filled" : "default"} onClick={open}>
        {verdict.may_pass ? "Promote" : "Promote all the same"}
      </Button>
      <Modal opened={opened} onClose={close} title={`Promote ${model.name} v${model.version}`} centered closeButtonProps={{ "aria-label": "Close" }}>
        <PromoteForm verdict={verdict} model={model} onClose={close} />
      </Modal>
    </>
  );
}

function PromoteForm({ verdict, model, onClose }: { verdict: Verdict; model: TrainedModelDetail; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => promote({ trained_model: model.id, reason }),
    onSuccess: () => {
      for (const word of ["promotions", "gate"]) void queries.invalidateQueries({ queryKey: [word] });
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        <Text size="sm" className={classes.sentence}>
          {verdict.sentence}
        </Text>
        {!verdict.may_pass && <Textarea label="Why all the same" description="Only an owner may overrule the gate. The reason is kept for everyone to read." required autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />}
        <ErrorNotice error={make.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button type="submit" loading={make.isPending} color={verdict.may_pass ? undefined : "bad"}>
            {verdict.may_pass ? "Promote" : "Overrule and promote"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
