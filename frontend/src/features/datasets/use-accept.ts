import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Image } from "@/api/datasets";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toast";

export interface Acceptance {
  branch: string;
  number: number;
}

/** The newest labels of these images that nobody has accepted; images without labels have none. */
export function acceptable(images: readonly Image[]): Acceptance[] {
  return images.flatMap(({ current_branch: branch, accepted_number }) =>
    branch?.head_number && branch.head_number !== accepted_number ? [{ branch: branch.id, number: branch.head_number }] : [],
  );
}

export function useAccept() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: readonly Acceptance[]) => {
      for (const { branch, number } of wanted) {
        await data(api.POST("/api/v1/branches/{id}/accept/", { params: { path: { id: branch } }, body: { number } }));
      }
      return wanted.length;
    },
    onSuccess: (count) => toast.done(`The labels of ${plural(count, "image")} are accepted.`),
    onError: (error) => toast.failed(error, "The labels were not accepted"),
    onSettled: () => Promise.all([["images"], ["branches"], ["datasets"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
