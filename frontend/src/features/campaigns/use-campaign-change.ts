import { useMutation, useQueryClient } from "@tanstack/react-query";

/** A change of one campaign; all that is shown of campaigns is asked for again after it. */
export function useCampaignChange<Arguments, Answer>(change: (given: Arguments) => Promise<Answer>, then?: (answer: Answer) => void | Promise<void>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (answer: Answer) => {
      await then?.(answer);
      await queries.invalidateQueries({ queryKey: ["campaigns"] });
    },
  });
}
