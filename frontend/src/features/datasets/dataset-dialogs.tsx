import { Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, data } from "@/api/client";
import type { Dataset } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { FormDialog } from "@/ui/form-dialog";
import { toast } from "@/ui/toast";

export function NewDataset({ project, onClose }: { project: string; onClose: () => void }) {
  const form = useDatasetForm();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/datasets/", { body: { project, ...form.values } })),
    onSuccess: async (dataset) => {
      await queries.invalidateQueries({ queryKey: ["datasets"] });
      await navigate({ to: addresses.upload(project, dataset.id) });
    },
  });
  return (
    <FormDialog title="New dataset" submit="Make dataset" busy={make.isPending} error={make.error} onSubmit={() => make.mutate()} onClose={onClose}>
      {form.fields}
    </FormDialog>
  );
}

export function EditDataset({ dataset, onClose }: { dataset: Dataset; onClose: () => void }) {
  const form = useDatasetForm(dataset);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => data(api.PATCH("/api/v1/datasets/{id}/", { params: { path: { id: dataset.id } }, body: form.values })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["datasets"] });
      onClose();
    },
  });
  return (
    <FormDialog title="Name and description" submit="Save" busy={save.isPending} error={save.error} onSubmit={() => save.mutate()} onClose={onClose}>
      {form.fields}
    </FormDialog>
  );
}

export function DeleteDataset({ project, dataset, onClose }: { project: string; dataset: Dataset; onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/datasets/{id}/", { params: { path: { id: dataset.id } } })),
    onSuccess: async () => {
      await navigate({ to: addresses.datasets(project) });
      await queries.invalidateQueries({ queryKey: ["datasets"] });
      toast.done(`The dataset “${dataset.name}” is deleted.`);
    },
  });
  return (
    <ConfirmDialog
      opened
      title="Delete this dataset?"
      confirm="Delete dataset"
      typeToConfirm={dataset.image_count > 0 ? dataset.name : undefined}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      {plural(dataset.image_count, "image")} and all their labels and revisions go with it. This cannot be undone. Trained models stay.
    </ConfirmDialog>
  );
}

function useDatasetForm(dataset?: Dataset) {
  const [name, setName] = useState(dataset?.name ?? "");
  const [description, setDescription] = useState(dataset?.description ?? "");
  const fields = (
    <>
      <TextInput label="Name" required maxLength={200} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Textarea label="Description" description="Cell line, stain, microscope: what somebody else would ask." autosize minRows={2} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
    </>
  );
  return { values: { name, description }, fields };
}
