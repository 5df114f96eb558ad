import { Button, Group, Skeleton, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import { useSetQuery } from "@/ui/use-address";
import { useBench } from "../bench/bench-context";
import { rangeFrom, rangeUpTo, type Range } from "../replay/read-steps";
import { restoreRevision, revisionsQuery } from "../queries";
import { useSaveState } from "../saving/use-autosave";
import type { Revision } from "../types";
import classes from "./side.module.css";

/** Every state that was ever saved. Looking at one changes nothing; restoring adds a new one on top. */
export function HistoryTab() {
  const { branch, autosave } = useBench();
  const query = useInfiniteQuery(revisionsQuery(branch.id));
  const saved = useSaveState(autosave);
  const { refetch } = query;
  const savedAt = saved.kind === "saved" ? saved.at : null;
  useEffect(() => {
    if (savedAt !== null) void refetch();
  }, [savedAt, refetch]);
  const revisions = query.data?.pages.flatMap((page) => page.results) ?? [];
  if (query.isPending) return <Skeleton height={180} m="sm" />;
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (revisions.length === 0) return <p className={classes.hint}>No revisions yet. The first stroke makes one; every one is kept.</p>;
  return (
    <ul className={classes.list} aria-label="Revisions">
      <li>
        <ReplayAll head={revisions[0]?.number ?? 0} />
      </li>
      {revisions.map((revision) => (
        <li key={revision.number}>
          <Entry revision={revision} all={revisions} />
        </li>
      ))}
      {query.hasNextPage && (
        <li style={{ padding: 10 }}>
          <Button fullWidth size="compact-sm" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Older revisions
          </Button>
        </li>
      )}
    </ul>
  );
}

/** The last stretch of edits, from the state before it. */
function ReplayAll({ head }: { head: number }) {
  const { branch } = useBench();
  const setQuery = useSetQuery();
  const open = useMutation({
    mutationFn: () => rangeUpTo(branch.id, head),
    onSuccess: ({ from, to }) => setQuery({ revision: String(from), replay: String(to), branch: branch.id }),
  });
  return (
    <Group px="sm" py="xs">
      <Button fullWidth size="compact-sm" variant="default" data-action="replay.open" leftSection={<IconPlayerPlay size={14} />} loading={open.isPending} onClick={() => open.mutate()}>
        Replay
      </Button>
      <ErrorNotice error={open.error} />
    </Group>
  );
}

function Entry({ revision, all }: { revision: Revision; all: readonly Revision[] }) {
  const { branch, revision: shown } = useBench();
  const setQuery = useSetQuery();
  const isHead = revision.number === branch.head_number;
  const looking = shown === revision.number;
  const show = () => setQuery({ revision: looking || isHead ? undefined : String(revision.number), replay: undefined, branch: branch.id });
  return (
    <>
      <UnstyledButton className={classes.entry} aria-pressed={looking} onClick={show}>
        <span className={classes.line}>
          <span>
            <b className="num">{revision.number}</b> {authorOf(revision)}
          </span>
          <span className={classes.small}>
            <TimeAgo at={revision.created_at} />
          </span>
        </span>
        <span className={classes.line}>
          <span className={classes.small}>{whatOf(revision)}</span>
          {revision.accepted_at && <StateBadge tone="good">accepted</StateBadge>}
        </span>
      </UnstyledButton>
      {looking && <Restore number={revision.number} onReplay={() => setQuery(replayOf(rangeFrom(all, revision.number, all[0]?.number ?? 0)))} />}
    </>
  );
}

const replayOf = ({ from, to }: Range) => ({ revision: String(from), replay: String(to) });

function Restore({ number, onReplay }: { number: number; onReplay: () => void }) {
  const { branch, image, project, mayChange } = useBench();
  const setQuery = useSetQuery();
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const restore = useMutation({
    mutationFn: () => restoreRevision(branch.id, number),
    onSuccess: (made) => {
      toast.done(made.message ?? `Restored revision ${number}.`);
      for (const queryKey of [["annotate", "revisions", branch.id], ["cells", branch.id], ["branches", branch.id]]) void queries.invalidateQueries({ queryKey });
      setQuery({ revision: undefined });
    },
  });
  return (
    <Group px="sm" pb="xs" gap="xs">
      {mayChange && (
        <Button size="compact-sm" onClick={() => setAsked(true)}>
          Restore
        </Button>
      )}
      <ButtonLink size="compact-sm" variant="default" to={addresses.compare(project, image.id, { base: branch.id, baseRevision: number, target: branch.id })}>
        Compare with the newest
      </ButtonLink>
      <Button size="compact-sm" variant="default" onClick={onReplay}>
        Replay from here
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setQuery({ revision: undefined, replay: undefined })}>
        Back to the newest
      </Button>
      <ConfirmDialog opened={asked} title={`Restore revision ${number}`} confirm="Restore" busy={restore.isPending} error={restore.error} onConfirm={() => restore.mutate()} onClose={() => setAsked(false)}>
        The labels become again what they were in revision {number}, as a new revision on top. All later revisions stay in the history and can be restored the same way. Locked cells stay as they are.
      </ConfirmDialog>
    </Group>
  );
}

function authorOf(revision: Revision): string {
  return revision.author?.name ?? (revision.author_model_name || "Cytoloop");
}

function whatOf({ kind, edit_count, message }: Revision): string {
  if (message) return message;
  if (kind === "EDIT") return plural(edit_count, "edit");
  return { IMPORT: "imported labels", PREDICTION: "a model's proposal", RESTORE: "restored", CROWD: "answers of a crowd" }[kind];
}
