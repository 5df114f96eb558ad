import { Affix, Button, Group, Paper, Text, Transition } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "@/api/client";
import type { Image } from "@/api/datasets";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ButtonLink } from "@/ui/link";
import classes from "./selection-bar.module.css";
import { acceptable, useAccept } from "./use-accept";

export interface SelectionBarProps {
  project: string;
  /** The images at hand, selected or not. */
  all: readonly Image[];
  selected: ReadonlySet<string>;
  mayManage: boolean;
  onClear: () => void;
}

/** What can be done with the selected images; at the foot of the page while any is selected. */
export function SelectionBar({ project, all, selected, mayManage, onClear }: SelectionBarProps) {
  const [deleting, setDeleting] = useState(false);
  const mayAccept = useMay(project, "REVIEWER");
  const accept = useAccept();
  const toAccept = acceptable(all.filter((image) => selected.has(image.id)));
  const images = [...selected];
  return (
    <>
      <Affix position={{ bottom: 16, left: 0, right: 0 }} className={classes.place}>
        <Transition mounted={images.length > 0} transition="slide-up" duration={120}>
          {(style) => (
            <Paper style={style} className={classes.bar} role="toolbar" aria-label="Selected images" radius="md" shadow="md">
              <Text size="sm" fw={500} className="num" role="status">
                {plural(images.length, "image")} selected
              </Text>
              {mayAccept && toAccept.length > 0 && (
                <Button size="compact-md" variant="default" loading={accept.isPending} onClick={() => accept.mutate(toAccept)}>
                  Accept {plural(toAccept.length, "label set")}
                </Button>
              )}
              {mayManage && (
                <Group gap="xs">
                  <ButtonLink size="compact-md" variant="default" to={addresses.newTasks(project, { images })}>
                    Make tasks
                  </ButtonLink>
                  <ButtonLink size="compact-md" variant="default" to={addresses.newCampaign(project, { images: images.join(","), dataset: all[0]?.dataset })}>
                    Ask a crowd
                  </ButtonLink>
                  <ButtonLink size="compact-md" variant="default" to={addresses.newPrediction(project, { images })}>
                    Predict
                  </ButtonLink>
                  <ButtonLink size="compact-md" variant="default" to={addresses.newTraining(project, { images })}>
                    Train
                  </ButtonLink>
                  <Button size="compact-md" variant="subtle" color="bad" onClick={() => setDeleting(true)}>
                    Delete
                  </Button>
                </Group>
              )}
              <Button size="compact-md" variant="subtle" color="gray" onClick={onClear}>
                Clear
              </Button>
            </Paper>
          )}
        </Transition>
      </Affix>
      {deleting && <DeleteImages images={images} onClose={() => setDeleting(false)} onDone={onClear} />}
    </>
  );
}

export function DeleteImages({ images, onClose, onDone }: { images: readonly string[]; onClose: () => void; onDone: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: async () => {
      for (const id of images) await data(api.DELETE("/api/v1/images/{id}/", { params: { path: { id } } }));
    },
    onSuccess: () => {
      onClose();
      onDone();
    },
    onSettled: () => Promise.all([["images"], ["datasets"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  return (
    <ConfirmDialog
      opened
      title={`Delete ${plural(images.length, "image")}?`}
      confirm={`Delete ${plural(images.length, "image")}`}
      typeToConfirm={images.length > 1 ? "delete" : undefined}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      All their labels, revisions and tasks go too. This cannot be undone.
    </ConfirmDialog>
  );
}
