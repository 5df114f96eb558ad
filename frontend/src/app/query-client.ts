import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isApiError } from "@/api/errors";
import { sessionQuery } from "@/api/session";

/** When the session has ended elsewhere, the guard of the signed-in routes sees it and leads to the sign-in page. */
function noticeSignedOut(error: unknown): void {
  if (isApiError(error, 401)) queryClient.setQueryData(sessionQuery.queryKey, null);
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignedOut }),
  mutationCache: new MutationCache({ onError: noticeSignedOut }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) => !refused(error) && failures < 2,
    },
  },
});

/** An answer of 4xx will not change by asking again. */
function refused(error: unknown): boolean {
  return isApiError(error) && error.status >= 400 && error.status < 500;
}
