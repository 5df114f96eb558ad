import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { addresses } from "@/lib/addresses";
import { plural } from "@/lib/format";
import { TextLink } from "@/ui/link";

/** Says so when the newest upload is under way, unfinished, or had files refused; else nothing. */
export function RefusedNotice({ project, dataset }: { project: string; dataset: string }) {
  const uploads = useQuery({
    queryKey: ["uploads", "newest", dataset],
    queryFn: async () => (await data(api.GET("/api/v1/datasets/{id}/uploads/", { params: { path: { id: dataset }, query: { limit: 1, offset: 0 } } }))).results,
  });
  const newest = uploads.data?.[0];
  if (!newest) return null;
  const refused = newest.files.filter((file) => file.state === "REFUSED").length;
  const sentence = sentenceOf(newest.state ?? "OPEN", refused);
  if (!sentence) return null;
  return (
    <Alert variant="light" color={newest.state === "FAILED" ? "bad" : "wait"} py={8}>
      {sentence}{" "}
      <TextLink to={`${addresses.upload(project, dataset)}?upload=${newest.id}`} size="sm">
        Look at the upload
      </TextLink>
    </Alert>
  );
}

function sentenceOf(state: string, refused: number): string | null {
  if (state === "OPEN") return "An upload into this dataset is not finished.";
  if (state === "RECEIVED" || state === "IMPORTING") return "New images are being imported; they appear here by themselves.";
  if (state === "FAILED") return "The last import failed.";
  return refused > 0 ? `${plural(refused, "file")} of the last upload ${refused === 1 ? "was" : "were"} refused.` : null;
}
