import { Tooltip } from "@mantine/core";
import { IconRoute } from "@tabler/icons-react";
import { useMay } from "@/api/projects";
import { addresses } from "@/lib/addresses";
import { IconLink } from "@/ui/link";
import { useBench } from "./bench-context";

/** Where the cells of a movie are linked, as they are on the branch that is shown; corrections are kept. */
export function TrackButton() {
  const { project, image, branch } = useBench();
  const manages = useMay(project, "MANAGER");
  if (image.size_t < 2 || !manages) return null;
  return (
    <Tooltip label="Track cells: a linker follows them over time and keeps what people corrected">
      <IconLink to={addresses.trackCells(project, { images: [image.id], branch: branch.id })} variant="subtle" color="gray" aria-label="Track cells">
        <IconRoute size={18} stroke={1.6} aria-hidden />
      </IconLink>
    </Tooltip>
  );
}
