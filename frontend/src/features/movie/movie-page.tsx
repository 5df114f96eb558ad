import { Select, Skeleton, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { imageQuery } from "@/api/images";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { EmptyState } from "@/ui/empty-state";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam, useQueryValue } from "@/ui/use-address";
import { MeasuresPart } from "./measures-part";
import { branchesQuery, type Branch } from "./queries";
import { TrackScoresPart } from "./track-scores-part";

const ORIGINS: Record<Branch["origin"], string> = { PERSON: "drawn by people", IMPORT: "imported", MODEL: "proposed by a model", CROWD: "answered by a crowd" };

/** An image in numbers: its tracks against the accepted labels, and what is measured of every cell. */
export function MoviePage() {
  const [project, id] = [useParam("projectId"), useParam("imageId")];
  const [chosen, choose] = useQueryValue("branch");
  const image = useQuery(imageQuery(id));
  const branches = useQuery(branchesQuery(id));
  if (image.error) throw image.error;
  const labelled = (branches.data ?? []).filter((one) => one.head_number > 0);
  const branch = labelled.find((one) => one.id === chosen) ?? labelled.find((one) => one.is_current) ?? labelled[0];
  return (
    <>
      <PageHeader
        above={
          image.data && (
            <TextLink to={addresses.dataset(project, image.data.dataset)} size="xs">
              Back to the dataset
            </TextLink>
          )
        }
        title={image.data?.name ?? "Image"}
        subtitle={image.data && `${plural(image.data.size_t, "frame")}. Tracks against the accepted labels, and measurements of every cell.`}
        actions={
          branch && (
            <>
              {labelled.length > 1 && <Select size="sm" w={260} aria-label="Labels" value={branch.id} onChange={(value) => choose(value ?? undefined)} allowDeselect={false} data={labelled.map((one) => ({ value: one.id, label: `${one.name}, ${ORIGINS[one.origin]}` }))} />}
              <ButtonLink variant="default" to={addresses.annotate(project, id, { branch: branch.id })}>
                Open in the editor
              </ButtonLink>
            </>
          )
        }
      />
      <ErrorNotice error={branches.error} onRetry={() => void branches.refetch()} />
      {(image.isPending || branches.isPending) && <Skeleton height={320} />}
      {branches.data && !branch && <EmptyState title="Nothing is labelled yet" action={<ButtonLink to={addresses.annotate(project, id)}>Open in the editor</ButtonLink>}>Label cells in the editor, or have a model propose them; scores and measurements appear here.</EmptyState>}
      {image.data && branch && (
        <Stack gap="md">
          <TrackScoresPart key={`scores ${branch.id}`} project={project} frames={image.data.size_t} branch={branch} />
          <MeasuresPart key={`${branch.id} ${branch.head_number}`} project={project} image={id} frames={image.data.size_t} branch={branch} />
        </Stack>
      )}
    </>
  );
}
