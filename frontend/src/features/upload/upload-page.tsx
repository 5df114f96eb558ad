import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { datasetQuery } from "@/api/datasets";
import { addresses } from "@/lib/addresses";
import { ErrorNotice } from "@/ui/error-notice";
import { ButtonLink, TextLink } from "@/ui/link";
import { PageHeader } from "@/ui/page-header";
import { useParam, useQueryValue } from "@/ui/use-address";
import { ChooseFiles } from "./choose-files";
import { EarlierUploads } from "./earlier-uploads";
import { uploadQuery } from "./queries";
import { UploadView } from "./upload-view";

export function UploadPage() {
  const [project, dataset] = [useParam("projectId"), useParam("datasetId")];
  const [id, setId] = useQueryValue("upload");
  const facts = useQuery(datasetQuery(dataset));
  const upload = useQuery({ ...uploadQuery(id ?? ""), enabled: id !== undefined });
  return (
    <>
      <PageHeader
        above={
          <TextLink to={addresses.dataset(project, dataset)} size="xs">
            {facts.data?.name ?? "Dataset"}
          </TextLink>
        }
        title="Bring in images"
        subtitle="TIFF, OME-TIFF, PNG, JPEG, NumPy; Cell Tracking Challenge folders; label images beside them."
        actions={
          id && (
            <ButtonLink variant="default" to={addresses.upload(project, dataset)}>
              Bring in more
            </ButtonLink>
          )
        }
      />
      <Stack gap="md">
        <ErrorNotice error={facts.error ?? upload.error} />
        {!id && <ChooseFiles dataset={dataset} onStart={setId} />}
        {id && upload.data && <UploadView key={id} project={project} upload={upload.data} />}
        <EarlierUploads dataset={dataset} except={id} onOpen={setId} />
      </Stack>
    </>
  );
}
