import { SegmentedControl, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Dataset } from "@/api/datasets";
import { plural } from "@/lib/format";
import { FormDialog } from "@/ui/form-dialog";
import { authorsOf, createRelease } from "./queries";

const LICENCES = ["CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODbL-1.0", "PDDL-1.0"];

interface NewReleaseProps {
  dataset: Dataset;
  /** The name that follows the newest one. */
  suggestion: string;
  onDone: (id: string) => void;
  onClose: () => void;
}

/** Names the present labels for good. */
export function NewRelease({ dataset, suggestion, onDone, onClose }: NewReleaseProps) {
  const [name, setName] = useState(suggestion);
  const [title, setTitle] = useState(dataset.name);
  const [which, setWhich] = useState<"ACCEPTED" | "HEAD">(dataset.accepted_count > 0 ? "ACCEPTED" : "HEAD");
  const [licence, setLicence] = useState<string | null>("CC-BY-4.0");
  const [authors, setAuthors] = useState("");
  const [notes, setNotes] = useState("");
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: () => createRelease(dataset.id, { name: name.trim(), title, which, notes, licence: licence ?? "", authors: authorsOf(authors) }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["releases"] });
      onDone(id);
    },
  });
  const count = which === "ACCEPTED" ? dataset.accepted_count : dataset.labelled_count;
  return (
    <FormDialog title="New release" submit="Release" busy={make.isPending} error={make.error} onSubmit={() => name.trim() && make.mutate()} onClose={onClose}>
      <Text size="sm" c="dimmed">
        A release never changes: not its images, not its labels, not its digest. Work on the dataset goes on.
      </Text>
      <TextInput label="Version" required value={name} maxLength={100} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <TextInput label="Title" value={title} maxLength={300} onChange={(event) => setTitle(event.currentTarget.value)} />
      <Stack gap={4}>
        <SegmentedControl
          aria-label="Which labels"
          value={which}
          onChange={(value) => setWhich(value)}
          data={[
            { value: "ACCEPTED", label: "Accepted labels" },
            { value: "HEAD", label: "Newest labels" },
          ]}
        />
        <Text size="xs" c={count === 0 ? "bad" : "dimmed"} className="num">
          {plural(count, "image")} {which === "ACCEPTED" ? "with accepted labels" : "with labels, reviewed or not"}
        </Text>
      </Stack>
      <Textarea label="Authors" description="One a line: “Family, Given”, or the name of a lab" autosize minRows={2} maxRows={6} value={authors} onChange={(event) => setAuthors(event.currentTarget.value)} />
      <Select label="Licence" clearable searchable data={LICENCES} value={licence} onChange={setLicence} />
      <Textarea label="Notes" description="What it is, how it was made: goes into the citation file and the README" autosize minRows={3} maxRows={10} value={notes} onChange={(event) => setNotes(event.currentTarget.value)} />
    </FormDialog>
  );
}
