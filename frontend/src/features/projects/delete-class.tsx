import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { classesQuery, type LabelClass } from "@/api/projects";
import { ConfirmDialog } from "@/ui/confirm-dialog";

export function DeleteClass({ project, row, onClose }: { project: string; row: LabelClass; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/classes/{id}/", { params: { path: { id: row.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: classesQuery(project).queryKey });
      onClose();
    },
  });
  return (
    <ConfirmDialog opened title={`Delete the class “${row.name}”?`} confirm="Delete class" busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={onClose}>
      It can no longer be given to cells. Cells that have it in earlier revisions keep it there.
    </ConfirmDialog>
  );
}
