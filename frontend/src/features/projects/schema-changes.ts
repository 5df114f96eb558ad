import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { classesQuery } from "@/api/projects";
import { schemaQuery } from "@/api/schemas";
import type { Schema } from "@/api/types";
import { toast } from "@/ui/toast";
import type { Place } from "./class-order";

export type Migration = Schema["MigrationAskedRequest"];
export type ClassChange = Schema["PatchedLabelClassChangeRequest"];

/** What was read of the classes is read again. */
export function useRereadSchema(project: string): () => Promise<unknown> {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries({ queryKey: schemaQuery(project).queryKey.slice(0, 2) }), queries.invalidateQueries({ queryKey: classesQuery(project).queryKey })]);
}

export function useClassChange(project: string) {
  const reread = useRereadSchema(project);
  return useMutation({
    mutationFn: ({ id, body }: { id: string; body: ClassChange }) => data(api.PATCH("/api/v1/classes/{id}/", { params: { path: { id } }, body })),
    onError: (error) => toast.failed(error, "The class was not changed"),
    onSettled: reread,
  });
}

/** A new place in the tree; where cells have one class of each branch, another parent goes through a preview. */
export function useMove(project: string, isFree: boolean, onPreview: (migration: Migration) => void) {
  const reread = useRereadSchema(project);
  return useMutation({
    mutationFn: async ({ id, from, to }: { id: string; from: string | null; to: Place }) => {
      if (from !== to.parent && !isFree) return onPreview({ operation: "MOVE", label_class: id, parent: to.parent });
      if (from !== to.parent) await data(api.PATCH("/api/v1/classes/{id}/", { params: { path: { id } }, body: { parent: to.parent } }));
      await data(api.POST("/api/v1/projects/{id}/schema/order/", { params: { path: { id: project } }, body: { ids: to.ids } }));
    },
    onError: (error) => toast.failed(error, "The class was not moved"),
    onSettled: reread,
  });
}
