import { SegmentedControl, Skeleton, Text } from "@mantine/core";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import type { Schema } from "@/api/types";
import { ErrorNotice } from "@/ui/error-notice";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

type Rhythm = NonNullable<Schema["MailOut"]["rhythm"]>;

const mailQuery = queryOptions({ queryKey: ["mail-choice"], queryFn: () => data(api.GET("/api/v1/me/mail/")) });
const RHYTHMS: { value: Rhythm; label: string }[] = [
  { value: "NEVER", label: "Never" },
  { value: "HOURLY", label: "At most hourly" },
  { value: "DAILY", label: "Daily" },
];

/** How often what is unread comes by mail, gathered into one. */
export function MailPanel() {
  const queries = useQueryClient();
  const choice = useQuery(mailQuery);
  const choose = useMutation({
    mutationFn: (rhythm: Rhythm) => data(api.PUT("/api/v1/me/mail/", { body: { rhythm } })),
    onSuccess: (saved) => {
      queries.setQueryData(mailQuery.queryKey, saved);
      toast.done("Saved.");
    },
  });
  return (
    <Panel title="Mails" lead="What you have not read in the page, gathered into one mail.">
      <ErrorNotice error={choice.error ?? choose.error} onRetry={() => void choice.refetch()} />
      {choice.data ? (
        <>
          <SegmentedControl aria-label="Mails" data={RHYTHMS} value={choice.data.rhythm ?? "HOURLY"} onChange={(value) => choose.mutate(value)} />
          {!choice.data.available && (
            <Text size="xs" c="dimmed" mt="sm">
              This server sends no mails yet: whoever runs it sets CYTOLOOP_MAIL_URL. Your choice holds from then on.
            </Text>
          )}
        </>
      ) : (
        <Skeleton height={40} />
      )}
    </Panel>
  );
}
