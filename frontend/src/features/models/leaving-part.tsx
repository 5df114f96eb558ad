import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { IconBox, IconDownload, IconFileCode, IconPackageExport } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { formatBytes } from "@/lib/format";
import { CopyField } from "@/ui/copy-field";
import { ErrorNotice } from "@/ui/error-notice";
import { promotionsQuery } from "./evaluation/queries";
import classes from "./leaving.module.css";
import { LICENCES, type LeavingForm, type Licence, prepareLeaving } from "./leaving";
import modelClasses from "./models.module.css";
import type { TrainedModelDetail } from "./types";

const FORMS: { form: LeavingForm; title: string; lead: string; icon: ReactNode }[] = [
  { form: "onnx", title: "ONNX", lead: "The net as one file for ONNX Runtime; it says itself how it is used.", icon: <IconFileCode size={18} /> },
  { form: "bioimageio", title: "bioimage.io", lead: "A package for the model zoo, ilastik, Fiji and other tools, with card and test pictures.", icon: <IconPackageExport size={18} /> },
  { form: "container", title: "Container", lead: "A folder with a Dockerfile that answers pictures over REST.", icon: <IconBox size={18} /> },
];

/** Taking a model along: as files, or by asking it over REST where it is. */
export function LeavingPart({ model }: { model: TrainedModelDetail }) {
  const [licence, setLicence] = useState<Licence>(LICENCES[0]);
  return (
    <section aria-labelledby="leaving">
      <h2 className={modelClasses.title} id="leaving">
        Take it along
      </h2>
      <Stack gap="xs">
        <Select
          label="Licence"
          description="Stands in the files; choose what your lab allows."
          size="xs"
          maw={240}
          data={[...LICENCES]}
          value={licence}
          allowDeselect={false}
          onChange={(value) => setLicence(value ?? LICENCES[0])}
        />
        {FORMS.map((one) => (
          <LeavingRow key={`${one.form} ${licence}`} model={model} licence={licence} {...one} />
        ))}
        <Asking model={model} />
      </Stack>
    </section>
  );
}

interface RowProps {
  model: TrainedModelDetail;
  licence: Licence;
  form: LeavingForm;
  title: string;
  lead: string;
  icon: ReactNode;
}

function LeavingRow({ model, licence, form, title, lead, icon }: RowProps) {
  const prepare = useMutation({ mutationFn: () => prepareLeaving(model.id, form, licence) });
  const left = prepare.data;
  return (
    <div className={classes.row}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <div className={classes.words}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Text size="xs" c="dimmed">
          {prepare.isPending ? "Writing the files; this takes some seconds." : lead}
        </Text>
        <ErrorNotice error={prepare.error} />
      </div>
      {left ? (
        <Button component="a" href={left.address} download size="xs" leftSection={<IconDownload size={14} />}>
          Download {formatBytes(left.size_bytes)}
        </Button>
      ) : (
        <Button variant="default" size="xs" loading={prepare.isPending} aria-label={`Prepare ${title}`} onClick={() => prepare.mutate()}>
          Prepare
        </Button>
      )}
    </div>
  );
}

/** The address at which the live model answers, as a line for a terminal. */
function Asking({ model }: { model: TrainedModelDetail }) {
  const live = useQuery(promotionsQuery(model.project)).data?.some((one) => one.trained_model === model.id);
  const labels = model.recipe === "classify" && !model.summary.whole_images ? " -F labels=@labels.tif" : "";
  const output = model.recipe === "classify" ? "cells.json" : "answer.tif";
  const address = `${window.location.origin}/api/v1/models/${model.id}/predict`;
  return (
    <div className={classes.asking}>
      <CopyField
        label="Ask it over REST"
        description={live ? "Answers one picture at once; make a token under Account." : "Answers once the model is promoted; make a token under Account."}
        value={`curl -H "Authorization: Bearer $TOKEN" -F image=@cells.png${labels} ${address} -o ${output}`}
      />
      <Group gap={6} mt={4}>
        <Text size="xs" c="dimmed">
          Labels come as TIFF, classes as JSON, predicted channels as OME-TIFF; <code>-F answer=json</code> lists the cells instead.
          {model.recipe === "instances" && (
            <>
              {" "}
              Which channels it reads and how large the cells are it finds by itself, unless you say: <code>-F channels=DAPI</code>, <code>-F cell_px=12</code>.
            </>
          )}
        </Text>
      </Group>
    </div>
  );
}
