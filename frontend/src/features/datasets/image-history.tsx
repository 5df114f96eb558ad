import { Button, Group, SegmentedControl, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, data } from "@/api/client";
import { nextOffset } from "@/api/paging";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import type { Image } from "@/api/datasets";
import type { Schema } from "@/api/types";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink } from "@/ui/link";
import { StateBadge } from "@/ui/state-badge";
import { TimeAgo } from "@/ui/time-ago";
import { toast } from "@/ui/toast";
import classes from "./image-history.module.css";
import { useAccept } from "./use-accept";

type Branch = Schema["BranchOut"];
type Revision = Schema["RevisionOut"];

const PAGE = 30;

/** Every revision of an image's labels, branch by branch, with who made it; older ones can be brought back. */
export function ImageHistory({ project, image }: { project: string; image: Image }) {
  const branches = useQuery({
    queryKey: ["branches", { image: image.id }],
    queryFn: async () => (await data(api.GET("/api/v1/images/{id}/branches/", { params: { path: { id: image.id } } }))) as unknown,
  });
  const mayRead = useMay(project, "REVIEWER");
  const list = rowsOf(branches.data);
  const [chosen, setChosen] = useState<string | null>(null);
  const id = chosen ?? image.current_branch?.id ?? list[0]?.id;
  const branch = list.find((one) => one.id === id);
  return (
    <section aria-label="History">
      <Group justify="space-between" mb="xs">
        <Title order={3} size="h6">
          History
        </Title>
        {mayRead && (
          <ButtonLink size="compact-xs" variant="default" to={addresses.audit(project, { image: image.id })}>
            Audit log
          </ButtonLink>
        )}
        {list.some((one) => (one.head_number ?? 0) > 0) && (
          <ButtonLink size="compact-xs" variant="default" to={addresses.compare(project, image.id)}>
            Compare
          </ButtonLink>
        )}
        {list.length > 1 && <BranchChoice branches={list} chosen={id} onChoose={setChosen} />}
      </Group>
      <ErrorNotice error={branches.error} />
      {branches.isPending && <Skeleton height={80} />}
      {branch && <Revisions key={branch.id} project={project} image={image} branch={branch} />}
    </section>
  );
}

/** The list of branches is short and may come whole or as a page. */
function rowsOf(answer: unknown): Branch[] {
  if (Array.isArray(answer)) return answer as Branch[];
  return (answer as { results?: Branch[] } | undefined)?.results ?? [];
}

function BranchChoice({ branches, chosen, onChoose }: { branches: Branch[]; chosen: string | undefined; onChoose: (id: string) => void }) {
  const options = branches.map((branch) => ({ value: branch.id, label: branch.is_current ? `${branch.name} (current)` : branch.name }));
  const choose = (value: string | null) => value && onChoose(value);
  if (branches.length <= 3) return <SegmentedControl size="xs" aria-label="Branch" data={options} value={chosen} onChange={choose} />;
  return <Select size="xs" aria-label="Branch" data={options} value={chosen} allowDeselect={false} onChange={choose} />;
}

function Revisions({ project, image, branch }: { project: string; image: Image; branch: Branch }) {
  const mayRestore = useMay(project, "ANNOTATOR");
  const mayAccept = useMay(project, "REVIEWER");
  const [restoring, setRestoring] = useState<Revision | null>(null);
  const list = useInfiniteQuery({
    queryKey: ["branches", branch.id, "revisions"],
    queryFn: ({ pageParam }) => data(api.GET("/api/v1/branches/{id}/revisions/", { params: { path: { id: branch.id }, query: { limit: PAGE, offset: pageParam } } })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
  });
  const revisions = list.data?.pages.flatMap((page) => page.results) ?? [];
  if (list.isPending) return <Skeleton height={80} />;
  if (revisions.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {branch.name === "main" ? "Nobody has labelled this image yet." : `The branch ${branch.name} is empty.`}
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <ErrorNotice error={list.error} />
      <ol className={classes.list}>
        {revisions.map((revision) => (
          <RevisionRow key={revision.id} revision={revision} isHead={revision.number === branch.head_number} onRestore={mayRestore ? setRestoring : undefined}>
            <ButtonLink size="compact-xs" variant="subtle" aria-label={`What revision ${revision.number} changed`} to={addresses.compare(project, image.id, { base: branch.id, baseRevision: revision.onto, target: branch.id, targetRevision: revision.number })}>
              Changes
            </ButtonLink>
            {mayAccept && revision.number === branch.head_number && !revision.accepted_at && <AcceptButton branch={branch} number={revision.number} />}
          </RevisionRow>
        ))}
      </ol>
      {list.hasNextPage && (
        <Button variant="subtle" size="compact-sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Older revisions
        </Button>
      )}
      {restoring && <RestoreDialog image={image} branch={branch} revision={restoring} onClose={() => setRestoring(null)} />}
    </Stack>
  );
}

const KIND: Record<Revision["kind"], string> = { EDIT: "edited", IMPORT: "imported", PREDICTION: "predicted", RESTORE: "restored", CROWD: "answered" };

/** Says that these labels are right; models may learn from them. */
function AcceptButton({ branch, number }: { branch: Branch; number: number }) {
  const accept = useAccept();
  return (
    <Button size="compact-xs" variant="light" loading={accept.isPending} aria-label={`Accept revision ${number}`} onClick={() => accept.mutate([{ branch: branch.id, number }])}>
      Accept
    </Button>
  );
}

interface RevisionRowProps {
  revision: Revision;
  isHead: boolean;
  onRestore?: (revision: Revision) => void;
  children?: ReactNode;
}

function RevisionRow({ revision, isHead, onRestore, children }: RevisionRowProps) {
  const author = revision.author_model_name || revision.author?.name || "somebody who left";
  return (
    <li className={classes.row}>
      <span className={classes.number}>{revision.number}</span>
      <div className={classes.words}>
        <Text size="sm" truncate>
          <b>{author}</b> {KIND[revision.kind]}
          {revision.kind === "EDIT" && ` · ${plural(revision.edit_count ?? 0, "edit")}`}
        </Text>
        <Text size="xs" c="dimmed" truncate title={revision.message}>
          <TimeAgo at={revision.created_at} />
          {revision.rebased && " · put on newer work"}
          {revision.message && ` · ${revision.message}`}
        </Text>
      </div>
      {revision.accepted_at && <StateBadge tone="good" title={revision.accepted_by ? `Accepted by ${revision.accepted_by.name}` : undefined}>accepted</StateBadge>}
      {children}
      {!isHead && onRestore && (
        <Button size="compact-xs" variant="default" aria-label={`Restore revision ${revision.number}`} onClick={() => onRestore(revision)}>
          Restore
        </Button>
      )}
    </li>
  );
}

function RestoreDialog({ image, branch, revision, onClose }: { image: Image; branch: Branch; revision: Revision; onClose: () => void }) {
  const queries = useQueryClient();
  const restore = useMutation({
    mutationFn: () => data(api.POST("/api/v1/branches/{id}/restore/", { params: { path: { id: branch.id } }, body: { number: revision.number } })),
    onSuccess: async (made) => {
      await Promise.all([["branches"], ["images"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
      toast.done(`${image.name}: ${made.message}`);
      onClose();
    },
  });
  return (
    <ConfirmDialog opened title={`Restore revision ${revision.number}?`} confirm="Restore" busy={restore.isPending} error={restore.error} onConfirm={() => restore.mutate()} onClose={onClose}>
      The labels become what they were then, as a new revision. Nothing is lost: the present state stays in the history and can be restored as well. Locked cells stay as they are.
    </ConfirmDialog>
  );
}
