import { Button, Group, Menu, Skeleton, Text } from "@mantine/core";
import { IconChartDots3, IconDots, IconDownload, IconWand } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { addresses } from "@/lib/addresses";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam } from "@/ui/use-address";
import { StarterBadge } from "@/starters/starter-badge";
import { StarterPart } from "@/starters/starter-part";
import { EvaluationPart } from "./evaluation/evaluation-part";
import { PromotePart } from "./evaluation/promote-part";
import { CrossValidationPart } from "./cross-validation-part";
import { LeavingPart } from "./leaving-part";
import { LooksPart } from "./looks/looks-part";
import { ModelClasses } from "./model-classes";
import { ModelCorrections } from "./model-corrections";
import { ModelCurve } from "./model-curve";
import { ModelOrigin } from "./model-origin";
import { ModelPictures } from "./model-pictures";
import { ModelScores, ScoreTable } from "./model-scores";
import { ModelUses } from "./model-uses";
import classes from "./models.module.css";
import { deleteModel, downloadAddress, modelQuery } from "./queries";
import { RenameDialog } from "./rename-dialog";
import type { TrainedModelDetail } from "./types";

export function ModelPage() {
  const query = useQuery(modelQuery(useParam("modelId")));
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton height={320} />;
  return <ModelView model={query.data} />;
}

function ModelView({ model }: { model: TrainedModelDetail }) {
  return (
    <>
      <PageHeader
        title={`${model.name} v${model.version}`}
        above={
          <TextLink to={addresses.models(model.project)} size="xs" c="dimmed">
            Models
          </TextLink>
        }
        subtitle={
          model.starter ? (
            <Group gap={8} component="span">
              <StarterBadge /> {model.description}
            </Group>
          ) : (
            model.description || undefined
          )
        }
        actions={
          <>
            {!model.starter && <MoreMenu model={model} />}
            <Button component="a" href={downloadAddress(model.id)} download variant="default" leftSection={<IconDownload size={16} />}>
              Download
            </Button>
            {["embed", "classify"].includes(model.recipe) && (
              <ButtonLink to={addresses.explore(model.project, { model: model.id })} variant="default" leftSection={<IconChartDots3 size={16} />}>
                Map of cells
              </ButtonLink>
            )}
            <ButtonLink to={addresses.newPrediction(model.project, { model: model.id })} leftSection={<IconWand size={16} />}>
              Predict with this model
            </ButtonLink>
          </>
        }
      />
      <div className={classes.columns}>
        <StarterPart model={model} />
        {model.job && <ModelPictures job={model.job} />}
        <ModelClasses summary={model.summary} />
        <LooksPart model={model} />
        <ModelScores scores={model.scores} />
        <CrossValidationPart summary={model.summary} />
        <PromotePart model={model} />
        <EvaluationPart model={model} />
        {model.job && <ModelCurve job={model.job} />}
        <ModelCorrections corrections={model.corrections} />
        <LeavingPart model={model} />
        <ModelUses project={model.project} model={model.id} />
        <ModelOrigin model={model} />
        <section aria-labelledby="numbers">
          <h2 className={classes.title} id="numbers">
            All scores
          </h2>
          <ScoreTable scores={model.scores} />
          {Object.keys(model.scores).length === 0 && <Text size="sm" c="dimmed">None.</Text>}
        </section>
      </div>
    </>
  );
}

function MoreMenu({ model }: { model: TrainedModelDetail }) {
  const [dialog, setDialog] = useState<"rename" | "delete" | null>(null);
  const close = () => setDialog(null);
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <Button variant="default" px={8} aria-label="More">
            <IconDots size={16} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setDialog("rename")}>Rename or describe</Menu.Item>
          <Menu.Item color="bad" onClick={() => setDialog("delete")}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <RenameDialog model={model} opened={dialog === "rename"} onClose={close} />
      <DeleteDialog model={model} opened={dialog === "delete"} onClose={close} />
    </>
  );
}

function DeleteDialog({ model, opened, onClose }: { model: TrainedModelDetail; opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteModel(model.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["trained-models"] });
      void navigate({ to: addresses.models(model.project) });
    },
  });
  return (
    <ConfirmDialog opened={opened} title={`Delete ${model.name} v${model.version}`} confirm="Delete the model" typeToConfirm={model.name} busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={onClose}>
      Its weights are deleted and cannot be brought back. A model that something was made with cannot be deleted.
    </ConfirmDialog>
  );
}
