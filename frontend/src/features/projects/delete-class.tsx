import { useMutation } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { LabelClass } from "@/api/projects";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { useRereadSchema } from "./schema-changes";

export function DeleteClass({ project, row, onClose }: { project: string; row: LabelClass; onClose: () => void }) {
  const reread = useRereadSchema(project);
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/classes/{id}/", { params: { path: { id: row.id } } })),
    onSuccess: async () => {
      await reread();
      onClose();
    },
  });
  return (
    <ConfirmDialog opened title={`Delete the class “${row.name}”?`} confirm="Delete class" busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={onClose}>
      Only a class that no cell ever had can be deleted; one that cells have is merged into another, removed from them, or archived.
    </ConfirmDialog>
  );
}
