import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { imageQuery } from "@/api/datasets";
import { plural } from "@/lib/format";
import { humanLinksQuery } from "./queries";

/** How much of what people said of links a linker will keep. */
export function HumanLinks({ images, branch }: { images: readonly string[]; branch: string | undefined }) {
  const only = images.length === 1 ? images[0] : undefined;
  const image = useQuery({ ...imageQuery(only ?? ""), enabled: only !== undefined && branch === undefined });
  const which = branch ?? image.data?.current_branch?.id;
  const said = useQuery({ ...humanLinksQuery(which ?? ""), enabled: which !== undefined }).data;
  if (!only && branch === undefined) return <Words>Links that people made, moved or confirmed are kept, and pairs that they took apart stay apart.</Words>;
  if (!said) return null;
  if (said.links + said.cuts + said.ends === 0) return <Words>Nobody has corrected a link here yet: the linker is free.</Words>;
  const parts = [said.links > 0 && `${plural(said.links, "link")} that people made or confirmed`, said.cuts > 0 && `${plural(said.cuts, "pair")} that they took apart`, said.ends > 0 && `${plural(said.ends, "ending")} that they marked`].filter(Boolean);
  return <Words strong>All of it stays: {parts.join(", ")}.</Words>;
}

function Words({ strong, children }: { strong?: boolean; children: React.ReactNode }) {
  return (
    <Text size="sm" c={strong ? undefined : "dimmed"} className="num" role="status">
      {children}
    </Text>
  );
}
